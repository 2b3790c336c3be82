package dev.luthier.core.run;

import dev.luthier.core.problem.Problem;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;

import org.jspecify.annotations.Nullable;

/**
 * Everything that decides the bytes of a run's adapter, written once to {@code run.json}: base model, data, every
 * resolved setting that changes arithmetic, seed. The same spec, data, thread count, CPU type and libtorch version give
 * the byte-same adapter.
 *
 * @param version layout of this file; 2
 * @param task what is learnt
 * @param baseModel directory of the base model in Hugging Face layout
 * @param startAdapter PEFT directory whose weights the adapter starts from, or null for a fresh adapter
 * @param trainingFiles at least one
 * @param validationFiles may be empty
 * @param lora adapter shape
 * @param optimizer AdamW and its schedule
 * @param batch how samples become steps
 * @param numerics what else changes arithmetic
 * @param selection when the run measures itself, and which step's adapter it ends with
 * @param seed 0 to 2147483647; decides adapter initialisation and sample order
 */
public record RunSpec(int version, Task task, Path baseModel, @Nullable Path startAdapter,
        List<DataFile> trainingFiles, List<DataFile> validationFiles, Lora lora, Optimizer optimizer, Batch batch,
        Numerics numerics, Selection selection, int seed) {

    public static final int VERSION = 2;

    public RunSpec {
        requireGiven(task, "task");
        requireGiven(baseModel, "baseModel");
        requireGiven(trainingFiles, "trainingFiles");
        requireGiven(validationFiles, "validationFiles");
        requireGiven(lora, "lora");
        requireGiven(optimizer, "optimizer");
        requireGiven(batch, "batch");
        requireGiven(numerics, "numerics");
        requireGiven(selection, "selection");
        trainingFiles = List.copyOf(trainingFiles);
        validationFiles = List.copyOf(validationFiles);
        require(version == VERSION, "version", "must be " + VERSION);
        require(!trainingFiles.isEmpty(), "trainingFiles", "must name at least one file");
        require(!selection.best() || !validationFiles.isEmpty(), "selection.best",
                "needs at least one validation file");
        require(seed >= 0, "seed", "must be 0 to 2147483647");
    }

    /** A supervised run that ends with the adapter of its last step. */
    public RunSpec(Path baseModel, @Nullable Path startAdapter, List<DataFile> trainingFiles,
            List<DataFile> validationFiles, Lora lora, Optimizer optimizer, Batch batch, Numerics numerics, int seed) {
        this(VERSION, Task.SUPERVISED, baseModel, startAdapter, trainingFiles, validationFiles, lora, optimizer, batch,
                numerics, Selection.LAST, seed);
    }

    /** The same run for another task. */
    public RunSpec with(Task other) {
        return new RunSpec(version, other, baseModel, startAdapter, trainingFiles, validationFiles, lora, optimizer,
                batch, numerics, selection, seed);
    }

    /**
     * The same run with everything that it reads at another place: a data directory or a folder of models may be moved
     * or restored elsewhere between two attempts.
     *
     * @param training paths of the training files, in their order
     * @param validation paths of the validation files, in their order
     */
    public RunSpec at(Path base, @Nullable Path start, List<Path> training, List<Path> validation) {
        return new RunSpec(version, task, base, start, moved(trainingFiles, training),
                moved(validationFiles, validation),
                lora, optimizer, batch, numerics, selection, seed);
    }

    private static List<DataFile> moved(List<DataFile> files, List<Path> places) {
        return IntStream.range(0, files.size())
                .mapToObj(i -> new DataFile(places.get(i), files.get(i).weight(), files.get(i).sha256())).toList();
    }

    /** Whether another spec makes the same adapter: places do not matter, as far as hashes tell what lies there. */
    public boolean makesTheSameAs(RunSpec other) {
        return withoutPlaces().equals(other.withoutPlaces());
    }

    private RunSpec withoutPlaces() {
        Path anywhere = Path.of("");
        return at(anywhere, startAdapter == null ? null : anywhere, hashesAsPlaces(trainingFiles),
                hashesAsPlaces(validationFiles));
    }

    private static List<Path> hashesAsPlaces(List<DataFile> files) {
        return files.stream().map(file -> file.sha256().isEmpty() ? file.path() : Path.of(file.sha256())).toList();
    }

    /**
     * A JSON Lines file of samples.
     *
     * @param weight share of sampled sequences is proportional to it; greater than 0; 1 for validation files
     * @param sha256 lower-case hex of the file's bytes, checked before training; "" skips the check
     */
    public record DataFile(Path path, double weight, String sha256) {
        public DataFile {
            requireGiven(path, "path");
            requireGiven(sha256, "sha256");
            require(weight > 0 && Double.isFinite(weight), "weight", "must be greater than 0");
        }
    }

    /**
     * The adapter's shape. Its scaling is alpha / rank, or alpha / sqrt(rank) when it is rank-stabilised.
     *
     * @param targets names of the adapted linear layers as in Hugging Face: q_proj, k_proj, v_proj, o_proj, gate_proj,
     *     up_proj, down_proj
     * @param rsLora rank-stabilised scaling (arXiv 2312.03732)
     * @param dora whether magnitude and direction learn apart (arXiv 2402.09353)
     * @param topLayers how many decoder layers are adapted, counted from the last; 0 for all
     */
    public record Lora(int rank, double alpha, List<String> targets, boolean rsLora, boolean dora, int topLayers) {
        /** The linear layers of a decoder layer, in the order in which runs list them. */
        public static final List<String> LINEAR_LAYERS = List.of("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj",
                "up_proj", "down_proj");

        public Lora {
            requireGiven(targets, "lora.targets");
            require(targets.stream().allMatch(new HashSet<>()::add), "lora.targets", "must name each layer once");
            targets.forEach(target -> requireGiven(target, "lora.targets"));
            targets = List.copyOf(targets);
            require(rank >= 1 && rank <= 512, "lora.rank", "must be 1 to 512");
            require(alpha > 0 && Double.isFinite(alpha), "lora.alpha", "must be a number greater than 0");
            require(!targets.isEmpty(), "lora.targets", "must name at least one layer");
            require(topLayers >= 0, "lora.topLayers", "must be at least 0");
        }

        /** LoRA as first published, on all decoder layers. */
        public static Lora plain(int rank, double alpha, List<String> targets) {
            return new Lora(rank, alpha, targets, false, false, 0);
        }
    }

    /**
     * AdamW with decoupled weight decay; linear warm-up to the peak rate, then cosine decay to zero.
     *
     * @param steps optimizer updates in all, at least 1
     * @param learningRate peak rate, at least 0
     * @param warmupFraction share of the steps at whose end the peak is reached, 0 to 1
     * @param beta1 decay of the first moment, at least 0 and less than 1
     * @param beta2 decay of the second moment, at least 0 and less than 1
     * @param epsilon added to the root of the second moment, greater than 0
     * @param maxGradientNorm gradients are clipped to this global L2 norm; 0 switches clipping off
     */
    public record Optimizer(int steps, double learningRate, double weightDecay, double warmupFraction, double beta1,
            double beta2, double epsilon, double maxGradientNorm) {
        public Optimizer {
            require(steps >= 1, "optimizer.steps", "must be at least 1");
            require(isAtLeastZero(learningRate), "optimizer.learningRate", "must be a number of at least 0");
            require(isAtLeastZero(weightDecay), "optimizer.weightDecay", "must be a number of at least 0");
            require(warmupFraction >= 0 && warmupFraction <= 1, "optimizer.warmupFraction", "must be 0 to 1");
            require(beta1 >= 0 && beta1 < 1, "optimizer.beta1", "must be at least 0 and less than 1");
            require(beta2 >= 0 && beta2 < 1, "optimizer.beta2", "must be at least 0 and less than 1");
            require(epsilon > 0 && Double.isFinite(epsilon), "optimizer.epsilon", "must be a number greater than 0");
            require(isAtLeastZero(maxGradientNorm), "optimizer.maxGradientNorm", "must be a number of at least 0");
        }
    }

    /**
     * How samples become steps.
     *
     * @param samplesPerStep samples of one optimizer step
     * @param maxSampleTokens a longer sample is a fault, never truncated (see {@code skipInvalidShare})
     * @param microBatchTokens samples of a step are packed into micro-batches of at most this many tokens (one sample
     *     alone may be larger)
     * @param skipInvalidShare share of a file's samples that may be faulty and are then left out, 0 to 0.5
     */
    public record Batch(int samplesPerStep, int maxSampleTokens, int microBatchTokens, double skipInvalidShare) {
        public Batch {
            require(samplesPerStep >= 1, "batch.samplesPerStep", "must be at least 1");
            require(maxSampleTokens >= 1, "batch.maxSampleTokens", "must be at least 1");
            require(microBatchTokens >= 1, "batch.microBatchTokens", "must be at least 1");
            require(skipInvalidShare >= 0 && skipInvalidShare <= 0.5, "batch.skipInvalidShare", "must be 0 to 0.5");
        }
    }

    /**
     * What else changes arithmetic.
     *
     * @param baseType dtype of the frozen base and of all products: {@code bf16} or {@code fp32}
     * @param quantization how the base's linear layers lie in memory
     * @param device what computes
     * @param threads OpenMP threads of the trainer, 1 to 1024
     * @param memoryTier what is kept from forward to backward
     * @param reuseBytes what the results of layers below the adapted ones may take on disk, where later epochs read
     *     them; 0 for none
     */
    public record Numerics(String baseType, Quantization quantization, ComputeDevice device, int threads,
            MemoryTier memoryTier, long reuseBytes) {
        private static final int MAX_THREADS = 1024;

        public Numerics {
            requireGiven(baseType, "numerics.baseType");
            requireGiven(quantization, "numerics.quantization");
            requireGiven(device, "numerics.device");
            requireGiven(memoryTier, "numerics.memoryTier");
            require(baseType.equals("bf16") || baseType.equals("fp32"), "numerics.baseType", "must be bf16 or fp32");
            require(quantization != Quantization.BF16 || baseType.equals("fp32"), "numerics.quantization",
                    "must not be bf16 when baseType is bf16 already");
            require(threads >= 1 && threads <= MAX_THREADS, "numerics.threads", "must be 1 to " + MAX_THREADS);
            require(reuseBytes >= 0, "numerics.reuseBytes", "must be at least 0");
        }

        /** The same with another tier. */
        public Numerics with(MemoryTier tier) {
            return new Numerics(baseType, quantization, device, threads, tier, reuseBytes);
        }

        /** The same with the linear layers kept in another way. */
        public Numerics with(Quantization kept) {
            return new Numerics(baseType, kept, device, threads, memoryTier, reuseBytes);
        }

        /** On the CPU, nothing quantised, computed again or reused. */
        public static Numerics plain(String baseType, int threads) {
            return new Numerics(baseType, Quantization.NONE, ComputeDevice.CPU, threads, MemoryTier.KEEP, 0);
        }
    }

    /**
     * When a run measures itself, and which step's adapter it ends with.
     *
     * @param best whether that of the evaluation with the least validation loss, instead of the last step's
     * @param patience evaluations in a row that bring no gain after which the run ends before its last step; 0 for never
     * @param minDelta by how much more than this, in nats per token, the least loss must fall to be a gain
     * @param warmupEvaluations first evaluations that may bring no gain without being counted
     * @param evaluations how many there are, evenly over the steps; 0 for every 10 % of them. The ends of epochs and the
     *     last step are measured too.
     */
    public record Selection(boolean best, int patience, double minDelta, int warmupEvaluations, int evaluations) {
        /** The last step's adapter. */
        public static final Selection LAST = new Selection(false, 0, 0, 0, 0);

        public Selection {
            require(patience >= 0, "selection.patience", "must be at least 0");
            require(patience == 0 || best, "selection.patience", "must be 0 unless selection.best is true");
            require(isAtLeastZero(minDelta), "selection.minDelta", "must be a number of at least 0");
            require(warmupEvaluations >= 0, "selection.warmupEvaluations", "must be at least 0");
            require(evaluations >= 0, "selection.evaluations", "must be at least 0");
        }
    }

    private static boolean isAtLeastZero(double number) {
        return number >= 0 && Double.isFinite(number);
    }

    /* Types say that nothing is null; a file that leaves a field out makes it so. */
    private static void requireGiven(@Nullable Object value, String field) {
        require(value != null, field, "must be given");
    }

    private static void require(boolean holds, String field, String rule) {
        if (!holds) {
            throw Problem.user("invalid_run_spec", "run.json: " + field + " " + rule + ".", field).asException();
        }
    }
}
