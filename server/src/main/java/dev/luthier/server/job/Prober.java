package dev.luthier.server.job;

import dev.luthier.core.json.Json;
import dev.luthier.core.plan.ProbeReport;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.process.ParentWatch;
import dev.luthier.server.launch.EngineCommand;
import dev.luthier.server.model.BaseModel;
import dev.luthier.server.model.ModelRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/**
 * Runs {@code luthier probe} for jobs whose speed is wanted, one at a time and only while no run is active.
 * A probe that fails is not repeated until somebody asks again.
 */
final class Prober implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Prober.class);
    private static final long TIMEOUT_MINUTES = 10;

    private final StepTimes times;
    private final ModelRegistry models;
    private final EngineCommand command;
    private final RunSettings settings;
    private final Path log;
    private final Runnable onMeasured;
    private final AtomicBoolean busy = new AtomicBoolean();
    private final AtomicReference<@Nullable Process> process = new AtomicReference<>();
    private volatile boolean evicted;
    private final ExecutorService thread = Executors.newSingleThreadExecutor(Thread.ofVirtual().factory());

    /**
     * @param log gets what probes write to their standard error
     * @param onMeasured called after each success
     */
    Prober(StepTimes times, ModelRegistry models, EngineCommand command, RunSettings settings, Path log,
            Runnable onMeasured) {
        this.times = times;
        this.models = models;
        this.command = command;
        this.settings = settings;
        this.log = log;
        this.onMeasured = onMeasured;
    }

    /** Starts a probe if one is wanted and none is running; returns at once. */
    void whileIdle() {
        if (!busy.compareAndSet(false, true)) {
            return;
        }
        SpeedProfile shape = times.takeWanted().orElse(null);
        BaseModel base = shape == null ? null : models.base(shape.baseModel()).orElse(null);
        if (shape == null || base == null) {
            busy.set(false);
            return;
        }
        evicted = false;
        thread.execute(() -> {
            try {
                times.store(base, shape, probe(base, shape));
                onMeasured.run();
            } catch (IOException | ProblemException | JacksonException e) {
                if (evicted) {
                    times.want(shape);
                } else {
                    LOG.warn("the speed of {} could not be measured: {}", base.name(), e.getMessage());
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                busy.set(false);
            }
        });
    }

    /** Ends a running probe, for now: a run needs the machine. */
    void makeRoom() {
        Process running = process.get();
        if (running != null) {
            evicted = true;
            running.destroyForcibly();
        }
    }

    private ProbeReport probe(BaseModel base, SpeedProfile shape) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of("probe", "--model", base.directory().toString(), "--device",
                settings.device().label(), "--json"));
        arguments.addAll(shape.probeArguments());
        ProcessBuilder builder = command.backgroundProcess(arguments.toArray(String[]::new));
        builder.environment().put("OMP_NUM_THREADS", String.valueOf(shape.threads()));
        ParentWatch.tie(builder);
        Process started = builder.redirectError(Redirect.appendTo(log.toFile())).start();
        process.set(started);
        started.onExit().orTimeout(TIMEOUT_MINUTES, TimeUnit.MINUTES).exceptionally(late -> started.destroyForcibly());
        try (InputStream output = started.getInputStream()) {
            started.getOutputStream().close();
            String text = new String(output.readAllBytes(), StandardCharsets.UTF_8);
            if (started.waitFor() != 0) {
                throw new IOException("luthier probe did not succeed; see " + log);
            }
            String line = text.lines().filter(one -> one.startsWith("{")).reduce((first, second) -> second)
                    .orElseThrow(() -> new IOException("luthier probe printed no figures"));
            return Json.MAPPER.readValue(line, ProbeReport.class);
        } finally {
            process.set(null);
            started.destroyForcibly();
        }
    }

    @Override
    public void close() {
        makeRoom();
        thread.shutdownNow();
    }
}
