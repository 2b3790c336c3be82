package dev.luthier.engine.tensor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;

/** Memory of this process that lies in RAM, native memory included. */
public final class ResidentMemory {
    private ResidentMemory() {}

    /** Bytes now. */
    public static long bytes() {
        return Pointer.physicalBytes();
    }

    /** The most bytes so far where the system keeps count (Linux), else those of now. */
    public static long peakBytes() {
        Path status = Path.of("/proc/self/status");
        if (Files.isReadable(status)) {
            try (Stream<String> lines = Files.lines(status)) {
                Optional<String> line = lines.filter(each -> each.startsWith("VmHWM:")).findFirst();
                if (line.isPresent()) {
                    return 1024 * Long.parseLong(line.get().replaceAll("\\D", ""));
                }
            } catch (IOException e) {
                return bytes();
            }
        }
        return bytes();
    }
}
