package dev.luthier.server.job;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;

/** The machine that this server runs on. */
final class Host {
    private static final Path CPU = Path.of("/proc/cpuinfo");

    private Host() {}

    private static final class Holder {
        static final String NAME = find();
    }

    /** What tells machines of different speed apart: the processor's name where it is known, else the host's. */
    static String name() {
        return Holder.NAME;
    }

    private static String find() {
        try {
            if (Files.isReadable(CPU)) {
                return Files.readString(CPU).lines().filter(line -> line.startsWith("model name")).findFirst()
                        .map(line -> line.substring(line.indexOf(':') + 1).strip()).orElse("unknown");
            }
            return InetAddress.getLocalHost().getHostName();
        } catch (IOException e) {
            return "unknown";
        }
    }
}
