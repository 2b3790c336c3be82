package dev.luthier.bench.train.run;

import dev.luthier.core.process.ParentWatch;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A process that can be stopped and continued with all its children. Dies with this program. */
final class ChildProcess implements AutoCloseable {
    private static final Pattern ERROR = Pattern.compile("[\\w.]*(Error|Exception|Failure|Killed)\\b.*");
    private static final int KILLED = 128 + 9;

    private final Process process;
    private final Path log;
    private final Pauses pauses = new Pauses();
    private final Thread reaper;
    private long stoppedAt = -1;
    private long peakBytes;

    private ChildProcess(Process process, Path log) {
        this.process = process;
        this.log = log;
        reaper = Thread.ofPlatform().unstarted(this::kill);
        Runtime.getRuntime().addShutdownHook(reaper);
    }

    /**
     * Starts a process.
     *
     * @param environment added to this program's own
     * @param log takes all output
     */
    static ChildProcess start(List<String> command, Map<String, String> environment, Path log) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().putAll(environment);
        ParentWatch.tie(builder);
        Process process = builder.start();
        ParentWatch.guard(process);
        process.getOutputStream().close();
        return new ChildProcess(process, log);
    }

    /** Stops it, unless it is stopped. */
    void stop() {
        if (stoppedAt < 0) {
            readPeak();
            tree().forEach(Signals::stop);
            stoppedAt = System.currentTimeMillis();
        }
    }

    /** Lets it go on, if it was stopped. */
    void resume() {
        if (stoppedAt >= 0) {
            pauses.add(stoppedAt, System.currentTimeMillis());
            stoppedAt = -1;
            tree().forEach(Signals::resume);
        }
    }

    private Stream<ProcessHandle> tree() {
        return Stream.concat(Stream.of(process.toHandle()), process.descendants());
    }

    /** What the process has said. */
    Path log() {
        return log;
    }

    Pauses pauses() {
        return pauses;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    int exitCode() {
        return process.exitValue();
    }

    /** Waits for its end. */
    boolean ends(long seconds) throws InterruptedException {
        return process.waitFor(seconds, TimeUnit.SECONDS);
    }

    /** Looks how much memory the process has had at most; what is known counts where it has ended. */
    void readPeak() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
                if (line.startsWith("VmHWM:")) {
                    peakBytes = Math.max(peakBytes, 1024 * Long.parseLong(line.replaceAll("\\D", "")));
                }
            }
        } catch (IOException e) {
            // It has ended.
        }
    }

    /** The most bytes of the process that lay in RAM whenever {@link #readPeak} looked. */
    long peakBytes() {
        return peakBytes;
    }

    /** Says why the process has ended or must end. */
    ProgramFailed failure(String what) throws IOException {
        if (process.isAlive()) {
            return new ProgramFailed(what, log);
        }
        if (process.exitValue() == KILLED) {
            return new ProgramFailed("was killed (signal 9), as the system does when memory runs out", log);
        }
        return new ProgramFailed(firstError().orElse("ended with status " + process.exitValue()), log);
    }

    /** The first line of the last error that the process told. */
    private Optional<String> firstError() throws IOException {
        List<String> lines = new String(Files.readAllBytes(log), StandardCharsets.UTF_8).lines().map(String::strip)
                .filter(line -> !line.isEmpty()).toList();
        return lines.stream().filter(line -> ERROR.matcher(line).lookingAt()).reduce((_, later) -> later)
                .or(() -> lines.isEmpty() ? Optional.empty() : Optional.of(lines.getLast()));
    }

    private void kill() {
        tree().toList().forEach(ProcessHandle::destroyForcibly);
    }

    @Override
    public void close() throws InterruptedException {
        kill();
        process.waitFor();
        Runtime.getRuntime().removeShutdownHook(reaper);
    }
}
