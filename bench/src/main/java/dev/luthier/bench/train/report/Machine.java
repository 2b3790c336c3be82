package dev.luthier.bench.train.report;

import dev.luthier.bench.train.run.Launcher;
import dev.luthier.core.plan.CpuKind;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * What a run was made on.
 *
 * @param memoryGigabytes 10^9 bytes
 * @param load average of the last minute before the run
 * @param commit of the sources
 */
public record Machine(String cpu, int cores, long memoryGigabytes, double load, String java, String commit) {

    /** This machine, now. */
    public static Machine here() throws IOException, InterruptedException {
        return new Machine(CpuKind.name(), Runtime.getRuntime().availableProcessors(),
                Math.round(Long.parseLong(field(Path.of("/proc/meminfo"), "MemTotal").replaceAll("\\D", "")) * 1024
                        / 1e9),
                ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage(), Runtime.version().toString(),
                describeCommit());
    }

    private static String field(Path file, String name) throws IOException {
        List<String> lines = Files.readAllLines(file);
        return lines.stream().filter(line -> line.startsWith(name)).map(line -> line.replaceFirst("[^:]*:", "").strip())
                .findFirst().orElse("unknown");
    }

    private static String describeCommit() throws IOException, InterruptedException {
        Process git = new ProcessBuilder("git", "-C", Launcher.root().toString(), "describe", "--always", "--dirty")
                .redirectErrorStream(true).start();
        String said = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        return git.waitFor() == 0 ? said : "unknown";
    }

    /** One line for people. */
    String text() {
        return String.format(Locale.ROOT, "%s, %d cores, %d GB, load average before %.1f; commit %s, JDK %s", cpu,
                cores, memoryGigabytes, load, commit, java);
    }
}
