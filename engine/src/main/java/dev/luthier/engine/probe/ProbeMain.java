package dev.luthier.engine.probe;

import dev.luthier.core.json.Json;
import dev.luthier.core.model.ModelDirectory;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.run.MemoryTier;
import dev.luthier.engine.decoder.DecoderWeights;
import dev.luthier.engine.lora.LoraShape;
import dev.luthier.engine.tensor.DType;
import dev.luthier.engine.tensor.Libtorch;
import dev.luthier.engine.tensor.ResidentMemory;
import dev.luthier.engine.train.LoraModel;
import java.nio.file.Path;
import java.util.Locale;

/**
 * {@code luthier probe --model DIR [settings] [--json]}: measures one step of a LoRA training of a base model on this
 * host. With {@code --json} the figures are one line, {@code {"secondsPerToken":...,"loadSeconds":...,"peakBytes":...}}.
 */
public final class ProbeMain {
    private static final String USAGE = "usage: luthier probe --model DIR [--type bf16|fp32] [--rank N] [--threads N]"
            + " [--micro-batch-tokens N] [--recompute] [--json]";
    private static final int SAMPLE_TOKENS = 256;
    private static final int MEASURED_STEPS = 2;

    private ProbeMain() {}

    /**
     * What was measured.
     *
     * @param secondsPerToken wall time of a micro-batch forward, backward and update, per token
     * @param loadSeconds from the start until the first step
     * @param peakBytes most memory of the process that lay in RAM
     */
    record Figures(double secondsPerToken, double loadSeconds, long peakBytes) {}

    /** Exit status 0, 1 on failure, 2 on bad usage. */
    public static void main(String[] arguments) {
        ProbeSettings settings;
        try {
            settings = ProbeSettings.parse(arguments);
        } catch (IllegalArgumentException e) {
            System.err.println("luthier: " + e.getMessage());
            System.err.println(USAGE);
            System.exit(2);
            return;
        }
        try {
            Libtorch.start();
            Figures figures = measure(settings);
            System.out.println(settings.json() ? Json.write(figures) : describe(figures));
        } catch (ProblemException e) {
            System.err.println("luthier: " + e.getMessage());
            System.exit(1);
        }
    }

    private static Figures measure(ProbeSettings settings) {
        long start = System.nanoTime();
        if (settings.threads() > 0) {
            Libtorch.setThreads(settings.threads());
        }
        Path path = settings.model();
        ModelDirectory directory = ModelDirectory.open(path);
        int length = Math.min(Math.min(SAMPLE_TOKENS, settings.microBatchTokens()), directory.config().maxPositions());
        if (length < 2) {
            throw Problem.user("invalid_probe", "--micro-batch-tokens must be at least 2.").asException();
        }
        LoraModel model = LoraModel.fresh(DecoderWeights.load(directory, settings.type()),
                LoraShape.plain(settings.rank(), settings.rank(), LoraShape.ALL_LINEAR),
                settings.recompute() ? MemoryTier.RECOMPUTE_LAYERS : MemoryTier.KEEP, 0);
        try (SyntheticStep step = new SyntheticStep(model, 1, settings.microBatchTokens() / length, length)) {
            double loadSeconds = (System.nanoTime() - start) / 1e9;
            step.run(); // Allocates buffers and compiles kernels.
            double best = Double.MAX_VALUE;
            for (int i = 0; i < MEASURED_STEPS; i++) {
                long begin = System.nanoTime();
                step.run();
                best = Math.min(best, (System.nanoTime() - begin) / 1e9);
            }
            return new Figures(best / step.tokens(), loadSeconds, ResidentMemory.peakBytes());
        }
    }

    private static String describe(Figures figures) {
        return String.format(Locale.ROOT, "%.1f tokens/s, %.1f s to load, %.2f GB resident at most",
                1 / figures.secondsPerToken, figures.loadSeconds, figures.peakBytes / 1e9);
    }

    /** Settings by name. */
    record ProbeSettings(Path model, DType type, int rank, int threads, int microBatchTokens, boolean recompute,
            boolean json) {

        /** @throws IllegalArgumentException saying what is wrong with the arguments */
        static ProbeSettings parse(String[] arguments) {
            Path model = null;
            DType type = DType.BF16;
            int rank = 16;
            int threads = 0;
            int microBatchTokens = 2048;
            boolean recompute = false;
            boolean json = false;
            for (int i = 0; i < arguments.length; i++) {
                switch (arguments[i]) {
                    case "--json" -> json = true;
                    case "--recompute" -> recompute = true;
                    case "--model" -> model = Path.of(value(arguments, i++));
                    case "--type" -> type = DType.of(value(arguments, i++));
                    case "--rank" -> rank = number(arguments, i++);
                    case "--threads" -> threads = number(arguments, i++);
                    case "--micro-batch-tokens" -> microBatchTokens = number(arguments, i++);
                    default -> throw new IllegalArgumentException("unknown argument " + arguments[i]);
                }
            }
            if (model == null) {
                throw new IllegalArgumentException("--model is missing");
            }
            return new ProbeSettings(model, type, rank, threads, microBatchTokens, recompute, json);
        }

        private static String value(String[] arguments, int index) {
            if (index + 1 == arguments.length) {
                throw new IllegalArgumentException(arguments[index] + " needs a value");
            }
            return arguments[index + 1];
        }

        private static int number(String[] arguments, int index) {
            try {
                int number = Integer.parseInt(value(arguments, index));
                if (number >= 1) {
                    return number;
                }
            } catch (NumberFormatException e) {
                // Refused below, like a number below 1.
            }
            throw new IllegalArgumentException(arguments[index] + " must be a whole number of at least 1");
        }
    }
}
