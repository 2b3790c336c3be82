package dev.luthier.server.job;

import dev.luthier.core.json.Json;
import dev.luthier.core.plan.Arithmetic;
import dev.luthier.core.plan.ArithmeticReport;
import dev.luthier.core.plan.CpuKind;
import dev.luthier.core.plan.EngineLibrary;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.process.ParentWatch;
import dev.luthier.core.run.ComputeDevice;
import dev.luthier.core.run.Quantization;
import dev.luthier.server.launch.EngineCommand;
import dev.luthier.server.model.BaseModel;
import dev.luthier.server.store.Database;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/**
 * Decides which numbers a training computes with, by the self-test of {@code luthier doctor}. Its result is kept in the
 * database by base model, kind of CPU and build of the engine; one of a machine that was busy is made anew. Safe for use
 * by several threads, which wait for each other's self-test.
 */
final class MachineArithmetic {
    /** What {@code runs.type} leaves to the self-test. */
    static final String AUTO = "auto";

    private static final Logger LOG = LoggerFactory.getLogger(MachineArithmetic.class);
    private static final long TIMEOUT_SECONDS = 120;

    private final Database database;
    private final EngineCommand command;
    private final RunSettings settings;
    private final Path log;
    private final InstantSource clock;

    /** @param log gets what self-tests write to their standard error */
    MachineArithmetic(Database database, EngineCommand command, RunSettings settings, Path log,
            InstantSource clock) {
        this.database = database;
        this.command = command;
        this.settings = settings;
        this.log = log;
        this.clock = clock;
    }

    /**
     * The arithmetic of a job.
     *
     * @param baseType {@code bf16}, {@code fp32} or {@value #AUTO}
     * @param quantization that the job asks for; bf16 is none where products are in bf16
     */
    Arithmetic choose(BaseModel base, String baseType, Quantization quantization) {
        if (settings.device() == ComputeDevice.CUDA) {
            return arithmetic(baseType.equals(AUTO) ? "bf16" : baseType, quantization, settings.threadsFor(base),
                    "products are computed by a GPU", false);
        }
        Optional<ArithmeticReport> report = report(base);
        int threads = settings.threads() > 0
                ? settings.threads()
                : report.map(ArithmeticReport::threads).orElse(settings.threadsFor(base));
        if (baseType.equals(AUTO)) {
            return report
                    .map(measured -> arithmetic(measured.baseType(), quantization, threads, measured.reason(), false))
                    .orElseGet(() -> arithmetic("fp32", quantization, threads, "every CPU computes in fp32 at its full"
                            + " rate, and the self-test of this one did not succeed (logs/probe.log says why)", false));
        }
        boolean slow = report.filter(measured -> measured.isMuchSlower(baseType)).isPresent();
        return arithmetic(baseType, quantization, threads, "the setting runs.type says so" + report
                .map(measured -> (slow ? ", although it takes more than twice the time: " : "; ") + measured.reason())
                .orElse(""), slow);
    }

    private static Arithmetic arithmetic(String baseType, Quantization asked, int threads, String reason,
            boolean slow) {
        Quantization kept = asked == Quantization.BF16 && baseType.equals("bf16") ? Quantization.NONE : asked;
        return new Arithmetic(baseType, kept, threads, reason, slow);
    }

    private synchronized Optional<ArithmeticReport> report(BaseModel base) {
        Optional<ArithmeticReport> known = find(base);
        if (known.isPresent()) {
            return known;
        }
        try {
            ArithmeticReport measured = measure(base);
            if (measured.quiet()) {
                store(base, measured);
            }
            return Optional.of(measured);
        } catch (IOException | ProblemException | JacksonException e) {
            LOG.warn("the arithmetic of this machine could not be measured for {}: {}", base.name(), e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return Optional.empty();
    }

    private ArithmeticReport measure(BaseModel base) throws IOException, InterruptedException {
        int threads = settings.threadsFor(base);
        ProcessBuilder builder = command.backgroundProcess("doctor", "--model", base.directory().toString(),
                "--threads", String.valueOf(threads), "--json");
        ParentWatch.tie(builder);
        builder.environment().put("OMP_NUM_THREADS", String.valueOf(threads));
        Process process = builder.redirectError(Redirect.appendTo(log.toFile())).start();
        process.onExit().orTimeout(TIMEOUT_SECONDS, TimeUnit.SECONDS).exceptionally(late -> process.destroyForcibly());
        try (InputStream output = process.getInputStream()) {
            process.getOutputStream().close();
            String text = new String(output.readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IOException("luthier doctor did not succeed; see " + log);
            }
            String line = text.lines().filter(one -> one.startsWith("{")).reduce((first, second) -> second)
                    .orElseThrow(() -> new IOException("luthier doctor printed no figures"));
            return Json.MAPPER.readValue(line, ArithmeticReport.class);
        } finally {
            process.destroyForcibly();
        }
    }

    private Optional<ArithmeticReport> find(BaseModel base) {
        return database.reader().sql("select result from probe_results where probe_key = :key")
                .param("key", key(base)).query(String.class).optional()
                .flatMap(MachineArithmetic::read);
    }

    /* One that cannot be read is made again, as one that is not there. */
    private static Optional<ArithmeticReport> read(String text) {
        try {
            return Optional.of(JobDocuments.ARITHMETIC.read(text, "what a self-test found"));
        } catch (ProblemException e) {
            return Optional.empty();
        }
    }

    private void store(BaseModel base, ArithmeticReport measured) {
        database.writeVoid(client -> client.sql("""
                insert into probe_results (probe_key, result, created_at) values (:key, :result, :now)
                on conflict (probe_key) do update set result = excluded.result, created_at = excluded.created_at""")
                .param("key", key(base)).param("result", JobDocuments.ARITHMETIC.write(measured))
                .param("now", clock.millis()).update());
    }

    private String key(BaseModel base) {
        return String.join("|", "arithmetic 1", base.name(), Long.toString(base.createdAtMillis()),
                Long.toString(base.parameters()), "t" + settings.threadsFor(base), CpuKind.name(),
                EngineLibrary.VERSION);
    }
}
