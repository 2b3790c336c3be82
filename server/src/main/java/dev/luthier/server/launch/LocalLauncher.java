package dev.luthier.server.launch;

import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.run.RunDirectory;
import dev.luthier.core.run.TrainerProcess;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.time.Instant;
import java.util.Optional;

/**
 * Runs trainers as child processes on this host: in a session of their own where {@code setsid} exists, so that Ctrl-C
 * on the server does not reach them, and at a lower priority than server and workers where {@code nice} exists.
 */
public final class LocalLauncher implements Launcher {
    private static final String NAME = "local";
    /** The kernel derives a process's start from its boot time, which a clock correction moves a little. */
    private static final long START_TOLERANCE_MILLIS = 2_000;

    private final EngineCommand command;

    public LocalLauncher(EngineCommand command) {
        this.command = command;
    }

    @Override
    public RunHandle start(RunDirectory run, int threads) {
        ProcessBuilder builder = command.backgroundProcess("train", run.path().toString());
        EngineCommand.onPath("setsid").ifPresent(builder.command()::addFirst);
        builder.redirectErrorStream(true)
                .redirectInput(Redirect.from(new File(File.separatorChar == '/' ? "/dev/null" : "NUL")))
                .redirectOutput(Redirect.appendTo(run.logFile().toFile()));
        builder.environment().put("OMP_NUM_THREADS", String.valueOf(threads));
        try {
            Process process = builder.start();
            return new RunHandle(NAME, process.pid(), startMillis(process.toHandle()));
        } catch (IOException e) {
            throw new ProblemException(Problem.resource("trainer_not_started",
                    "The trainer could not be started: " + e.getMessage()), e);
        }
    }

    @Override
    public RunHandle handleOf(TrainerProcess trainer) {
        return new RunHandle(NAME, trainer.pid(), trainer.startMillis());
    }

    @Override
    public boolean isAlive(RunHandle handle) {
        return process(handle).isPresent();
    }

    @Override
    public void kill(RunHandle handle) {
        process(handle).ifPresent(process -> {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        });
    }

    private static Optional<ProcessHandle> process(RunHandle handle) {
        return ProcessHandle.of(handle.pid()).filter(ProcessHandle::isAlive)
                .filter(process -> Math.abs(startMillis(process) - handle.startMillis()) <= START_TOLERANCE_MILLIS);
    }

    private static long startMillis(ProcessHandle process) {
        return process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
    }
}
