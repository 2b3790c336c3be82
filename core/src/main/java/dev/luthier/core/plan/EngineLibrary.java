package dev.luthier.core.plan;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** The library that the engine of this build computes with, for those who keep what was measured with it. */
public final class EngineLibrary {
    /** Version of the binding to libtorch, for example {@code 2.10.0-1.5.13}. */
    public static final String VERSION = read();

    private EngineLibrary() {}

    private static String read() {
        Properties properties = new Properties();
        try (InputStream stream = EngineLibrary.class.getResourceAsStream("engine-library.properties")) {
            properties.load(stream);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties.getProperty("pytorch.version");
    }
}
