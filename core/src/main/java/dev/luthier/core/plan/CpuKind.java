package dev.luthier.core.plan;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The kind of CPU of this machine: its model and the instructions that matrix products can use. Virtual machines of very
 * different speed often carry the same model name; the instructions tell them apart.
 */
public final class CpuKind {
    private static final Path INFO = Path.of("/proc/cpuinfo");

    /** Names of Linux on x86 and Arm, in the order in which they are listed. */
    private static final List<String> INSTRUCTIONS = List.of("avx2", "avx_vnni", "avx_ne_convert", "avx512f",
            "avx512_vnni", "avx512_bf16", "amx_bf16", "amx_int8", "asimddp", "i8mm", "bf16", "sve", "sve2");

    private CpuKind() {}

    private static final class Holder {
        static final String NAME = read();
    }

    /** For example {@code AMD EPYC, family 25 model 17, avx2 avx512f avx512_vnni avx512_bf16}; the same at every call. */
    public static String name() {
        return Holder.NAME;
    }

    private static String read() {
        if (Files.isReadable(INFO)) {
            try {
                return describe(Files.readAllLines(INFO));
            } catch (IOException e) {
                return System.getProperty("os.arch");
            }
        }
        return System.getProperty("os.name") + " on " + System.getProperty("os.arch");
    }

    /** From the lines of {@code /proc/cpuinfo}. */
    static String describe(List<String> lines) {
        List<String> parts = new ArrayList<>();
        parts.add(field(lines, "model name").or(() -> field(lines, "CPU implementer").map(code -> "Arm " + code))
                .orElse(System.getProperty("os.arch")));
        Optional<String> family = field(lines, "cpu family");
        Optional<String> model = field(lines, "model").or(() -> field(lines, "CPU part"));
        parts.add(family.map(number -> "family " + number + " ").orElse("") + "model " + model.orElse("unknown"));
        Set<String> flags = Set.copyOf(Arrays.asList(field(lines, "flags").or(() -> field(lines, "Features")).orElse("")
                .split("\\s+")).stream().distinct().toList());
        List<String> known = INSTRUCTIONS.stream().filter(flags::contains).toList();
        if (!known.isEmpty()) {
            parts.add(String.join(" ", known));
        }
        return String.join(", ", parts);
    }

    private static Optional<String> field(List<String> lines, String name) {
        return lines.stream().filter(line -> line.startsWith(name) && line.indexOf(':') >= 0)
                .filter(line -> line.substring(0, line.indexOf(':')).strip().equals(name)).findFirst()
                .map(line -> line.substring(line.indexOf(':') + 1).strip());
    }
}
