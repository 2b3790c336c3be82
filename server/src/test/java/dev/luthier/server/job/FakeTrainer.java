package dev.luthier.server.job;

import dev.luthier.core.json.Json;
import dev.luthier.core.plan.ArithmeticReport;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.run.Desired;
import dev.luthier.core.run.Outcome;
import dev.luthier.core.run.Progress;
import dev.luthier.core.run.RunDirectory;
import dev.luthier.core.run.RunLock;
import dev.luthier.core.run.RunSpec;
import dev.luthier.core.run.Task;
import dev.luthier.core.safetensors.SafetensorsWriter;
import dev.luthier.server.model.AdapterShelf;
import dev.luthier.server.serve.FakeWorkerProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A trainer that trains nothing and keeps to the run directory's protocol: lock, progress, checkpoints, a snapshot
 * every ten steps, outcome. A word
 * in the file {@code fake-trainer} of the data directory says how it behaves, read anew at every step:
 *
 * <pre>
 * succeed           makes its steps and an adapter
 * crash-at N        exits at step N with a line in the log; steps before it are checkpointed
 * die-at N          is killed by SIGKILL at step N, on the first attempt only
 * hold-at N         stays at step N until the word changes
 * fail              reports a failure
 * bad-hash          reports an adapter whose hash is wrong
 * deaf-at N         stays at step N and takes no notice of what is desired
 * </pre>
 */
public final class FakeTrainer {
    private static final int STEPS_PER_EPOCH = 10;

    private final RunDirectory run;
    private final RunSpec spec;
    private final int attempt;
    private long sequence;

    private FakeTrainer(RunDirectory run, int attempt) {
        this.run = run;
        this.spec = run.readSpec();
        this.attempt = attempt;
    }

    /**
     * The arguments are {@code train RUN_DIR}, those of a probe, which finds half a second for each token, those of a
     * self-test, which finds bf16 the faster type, or those of a worker, for which the {@link FakeWorkerProgram} stands in.
     */
    public static void main(String[] args) throws Exception {
        if (args[0].equals("worker")) {
            FakeWorkerProgram.main(args);
            return;
        }
        if (args[0].equals("probe")) {
            System.out.println(
                    "{\"baseType\":\"bf16\",\"quantization\":\"none\",\"memoryTier\":\"keep\",\"expectedPeakBytes\":900000,\"costs\":{"
                            + "\"secondsPerToken\":0.5,\"secondsPerTarget\":0.0,\"secondsPerPair\":0.0,"
                            + "\"secondsPerUpdate\":0.0,\"evaluationShare\":0.5,\"lowerShare\":0.25},"
                            + "\"loadSeconds\":3.0,\"peakBytes\":1000000}");
            return;
        }
        if (args[0].equals("doctor")) {
            System.out.println(Json.write(new ArithmeticReport("a fake CPU", "none", 1, true, 200, 100)));
            return;
        }
        RunDirectory run = new RunDirectory(Path.of(args[1]));
        Optional<RunLock> lock = run.lockForTrainer();
        if (lock.isEmpty()) {
            System.out.println("another trainer works on " + run.path());
            System.exit(1);
        }
        Path attempts = run.path().resolve("attempts");
        int attempt = Files.exists(attempts) ? Integer.parseInt(Files.readString(attempts)) + 1 : 1;
        Files.writeString(attempts, String.valueOf(attempt));
        new FakeTrainer(run, attempt).train();
    }

    private void train() throws IOException, InterruptedException {
        int steps = spec.optimizer().steps();
        int from = checkpoint();
        append(new Progress.Started(attempt, ++sequence, now(), from, steps, "fake", "none", 1));
        for (int step = from + 1; step <= steps; step++) {
            if (!waitAt(step)) {
                return;
            }
            boolean epochEnds = step % STEPS_PER_EPOCH == 0;
            if (epochEnds || step == steps) {
                append(new Progress.Metric(attempt, ++sequence, now(), step, 2.0 / step,
                        spec.validationFiles().isEmpty() ? null : 2.5 / step,
                        spec.validationFiles().isEmpty() ? null : 0.75,
                        epochEnds ? step / STEPS_PER_EPOCH : null,
                        spec.validationFiles().isEmpty() ? Map.of() : figures(step)));
            }
            append(new Progress.Step(attempt, ++sequence, now(), step, steps, 2.0 / step, 0.5, 0.001, 1.0,
                    step * 100L, 1000.0, (double) step / STEPS_PER_EPOCH, figures(step)));
            if (epochEnds) {
                snapshot(step);
            }
            checkpoint(step);
        }
        switch (word()) {
            case "fail" -> run.writeOutcome(
                    new Outcome.Failed(Problem.user("loss_not_finite", "The loss is not a number at step 3.")));
            case "bad-hash" -> trained(steps, "0".repeat(64));
            default -> trained(steps, null);
        }
    }

    /** What a trainer of preferences measures besides. */
    private Map<String, Double> figures(int step) {
        return spec.task() instanceof Task.Preference
                ? Map.of("reward_accuracy", 1.0, "reward_margin", step / 10.0, "reward_chosen", step / -20.0,
                        "reward_rejected", -3 * step / 20.0)
                : Map.of();
    }

    /** Does what the behaviour wants at a step; false when the run ends there. */
    private boolean waitAt(int step) throws IOException, InterruptedException {
        while (true) {
            String word = word();
            boolean here = argument() == step;
            if (word.equals("crash-at") && here) {
                System.out.println("loading");
                System.out.println("out of luck at step " + step);
                System.exit(3);
            }
            if (word.equals("die-at") && here && attempt == 1) {
                new ProcessBuilder("kill", "-9", String.valueOf(ProcessHandle.current().pid())).start().waitFor();
            }
            if (!(word.equals("deaf-at") && here)) {
                Desired desired = run.readDesired();
                if (desired != Desired.RUN) {
                    run.writeOutcome(desired == Desired.PAUSE
                            ? new Outcome.Paused(step - 1)
                            : new Outcome.Cancelled(step - 1));
                    return false;
                }
            }
            if (!(here && (word.equals("hold-at") || word.equals("deaf-at")))) {
                return true;
            }
            Thread.sleep(10);
        }
    }

    private void trained(int steps, @Nullable String hash) throws IOException {
        adapter(run.adapter(), steps);
        Path weights = run.adapter().resolve("adapter_model.safetensors");
        run.writeOutcome(new Outcome.Trained(hash == null ? AdapterShelf.sha256(weights) : hash, steps, steps * 100L,
                2.0 / steps, 1.5,
                spec.selection().best() ? new Outcome.Selected(steps - 4, 0.5, 3) : null));
    }

    /** An adapter whose weights are a function of seed and step. */
    private void adapter(Path directory, int step) throws IOException {
        Path unfinished = Files.createDirectories(run.path().resolve("adapter.writing"));
        Files.writeString(unfinished.resolve("adapter_config.json"), Json.write(Map.of("peft_type", "LORA", "r",
                spec.lora().rank(), "lora_alpha", spec.lora().alpha(), "target_modules", List.of("q_proj"),
                "use_rslora", spec.lora().rsLora())));
        String layer = "base_model.model.model.layers.0.self_attn.q_proj.lora_";
        long rank = spec.lora().rank();
        float[] values = new float[(int) rank * 12];
        Arrays.fill(values, spec.seed() + step / 1000f);
        new SafetensorsWriter().add(layer + "A.weight", List.of(rank, 12L), values)
                .add(layer + "B.weight", List.of(12L, rank), values)
                .write(unfinished.resolve("adapter_model.safetensors"));
        AdapterShelf.deleteTree(directory);
        Files.move(unfinished, directory);
    }

    /** An epoch's adapter; the newest three are kept. */
    private void snapshot(int step) throws IOException {
        Files.createDirectories(run.snapshots());
        String name = String.format("step-%06d", step);
        adapter(run.snapshots().resolve(name), step);
        append(new Progress.Snapshot(attempt, ++sequence, now(), step, step / STEPS_PER_EPOCH, "snapshots/" + name));
        AdapterShelf.deleteTree(
                run.snapshots().resolve(String.format("step-%06d", step - 3 * STEPS_PER_EPOCH)));
    }

    private int checkpoint() throws IOException {
        Path file = run.checkpoints().resolve("step");
        return Files.exists(file) ? Integer.parseInt(Files.readString(file)) : 0;
    }

    private void checkpoint(int step) throws IOException {
        Files.createDirectories(run.checkpoints());
        RunDirectory.writeDurably(run.checkpoints().resolve("step"), String.valueOf(step));
    }

    private void append(Progress line) throws IOException {
        Files.writeString(run.progressFile(), Json.write(line) + "\n", StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
    }

    private String word() throws IOException {
        return behaviour().split(" ", -1)[0];
    }

    private int argument() throws IOException {
        String[] words = behaviour().split(" ", -1);
        return words.length > 1 ? Integer.parseInt(words[1]) : -1;
    }

    private String behaviour() throws IOException {
        Path file = run.path().resolveSibling("..").resolve("fake-trainer").normalize();
        return Files.exists(file) ? Files.readString(file).strip() : "succeed";
    }

    private static long now() {
        return System.currentTimeMillis();
    }
}
