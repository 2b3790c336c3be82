package dev.luthier.server.serve;

import dev.luthier.core.json.Json;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.server.launch.EngineCommand;
import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.UUID;

/**
 * Starts worker processes. Their output goes to a log file per model; they end when this process has gone, however it
 * ended.
 */
final class WorkerLauncher {
    /** A model that is not loaded by then hangs. */
    private static final Duration LOAD_LIMIT = Duration.ofMinutes(10);
    private static final long POLL_MILLIS = 20;
    private static final int LAST_LINE_BYTES = 4096;
    /** A process that a signal ended has this and the signal's number as its exit status. */
    private static final int SIGNAL_STATUS = 128;
    /** Below this size a second thread costs more in waiting than it computes. */
    private static final long ONE_THREAD_BYTES = 64L << 20;
    /** Where the worker finds the secret; a command line could be read by every user of the machine. */
    private static final String SECRET_VARIABLE = "LUTHIER_WORKER_SECRET";

    private final EngineCommand command;
    private final Path logs;
    private final Path stateFiles;
    private final Path adapters;
    private final ServeLimits limits;
    private final String device;
    private final HttpClient http;

    /**
     * @param stateFiles directory for the short-lived files in which workers tell their port
     * @param adapters directory below which workers may load adapters from
     * @param device {@code cpu} or {@code cuda}
     */
    WorkerLauncher(EngineCommand command, Path logs, Path stateFiles, Path adapters, ServeLimits limits, String device,
            HttpClient http) {
        this.command = command;
        this.logs = logs;
        this.stateFiles = stateFiles;
        this.adapters = adapters;
        this.limits = limits;
        this.device = device;
        this.http = http;
    }

    /**
     * Starts a worker and waits until it answers.
     *
     * @param model directory of the base model
     * @param weightBytes size of its weight files
     * @throws ProblemException RESOURCE if the program cannot be started, or, in the worker's own words, if it cannot load
     *     the model
     */
    Worker start(Path model, long weightBytes) throws InterruptedException {
        Path log = logs.resolve("worker-" + Objects.requireNonNull(model.getFileName()) + ".log");
        Path state = stateFiles.resolve("worker-" + UUID.randomUUID() + ".json");
        long logStart = size(log);
        String secret = newSecret();
        Process process = launch(model, threads(weightBytes), state, log, secret);
        try {
            int port = awaitPort(process, model, state, log, logStart);
            WorkerClient client = new WorkerClient(http, URI.create("http://127.0.0.1:" + port), secret,
                    model.toString());
            return new Worker(process, client, client.maxContext(), limits.adaptersPerWorker());
        } catch (IOException e) {
            process.destroyForcibly();
            throw new ProblemException(loadFailed(model, e.getMessage() == null ? e.toString() : e.getMessage()), e);
        } catch (RuntimeException | InterruptedException e) {
            process.destroyForcibly();
            throw e;
        } finally {
            delete(state);
        }
    }

    /** 256 random bits, which only this server and the worker know. */
    private static String newSecret() {
        byte[] bytes = new byte[32];
        new SecureRandom().nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private Process launch(Path model, int threads, Path state, Path log, String secret) {
        ProcessBuilder builder = command.process("worker", "--model", model.toString(), "--state-file",
                state.toString(),
                "--parent-pid", Long.toString(ProcessHandle.current().pid()), "--threads", Integer.toString(threads),
                "--cache-bytes", Long.toString(limits.cacheBytes()), "--device", device, "--type", limits.type(),
                "--adapters", adapters.toString());
        builder.redirectErrorStream(true)
                .redirectInput(Redirect.from(new File(File.separatorChar == '/' ? "/dev/null" : "NUL")))
                .redirectOutput(Redirect.appendTo(log.toFile()));
        builder.environment().put("OMP_NUM_THREADS", Integer.toString(threads));
        builder.environment().put(SECRET_VARIABLE, secret);
        try {
            return builder.start();
        } catch (IOException e) {
            throw new ProblemException(Problem.resource("worker_not_started", "The inference worker could not be "
                    + "started: " + e.getMessage()), e);
        }
    }

    private int threads(long weightBytes) {
        if (limits.threads() > 0) {
            return limits.threads();
        }
        return weightBytes < ONE_THREAD_BYTES ? 1 : Runtime.getRuntime().availableProcessors();
    }

    private static int awaitPort(Process process, Path model, Path state, Path log, long logStart)
            throws IOException, InterruptedException {
        long deadline = System.nanoTime() + LOAD_LIMIT.toNanos();
        while (!Files.exists(state)) {
            if (!process.isAlive()) {
                throw loadFailed(model, reason(process.exitValue(), log, logStart)).asException();
            }
            if (System.nanoTime() > deadline) {
                throw loadFailed(model, "not ready after " + LOAD_LIMIT.toMinutes() + " minutes").asException();
            }
            Thread.sleep(POLL_MILLIS);
        }
        return Json.parse(Files.readString(state)).get("port").intValue();
    }

    private static Problem loadFailed(Path model, String why) {
        return Problem.resource("model_not_loaded",
                "The model " + model.getFileName() + " could not be loaded: " + why);
    }

    private static String reason(int status, Path log, long logStart) {
        return status > SIGNAL_STATUS
                ? "its worker was ended by signal " + (status - SIGNAL_STATUS)
                        + ", as happens when memory runs out. The server's logs may say more."
                : lastLine(log, logStart);
    }

    /** What the worker said last, which is its problem in one line. */
    private static String lastLine(Path log, long start) {
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
            long from = Math.max(start, file.length() - LAST_LINE_BYTES);
            byte[] bytes = new byte[(int) Math.max(0, file.length() - from)];
            file.seek(from);
            file.readFully(bytes);
            List<String> lines = new String(bytes, StandardCharsets.UTF_8).lines().filter(line -> !line.isBlank())
                    .toList();
            return lines.isEmpty() ? "the worker ended and said nothing" : lines.getLast();
        } catch (IOException e) {
            return "the worker ended, and its log cannot be read";
        }
    }

    private static long size(Path log) {
        try {
            return Files.exists(log) ? Files.size(log) : 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // Temporary files are emptied at the next start.
        }
    }
}
