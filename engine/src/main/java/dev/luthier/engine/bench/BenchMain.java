package dev.luthier.engine.bench;

import dev.luthier.core.json.Json;
import dev.luthier.engine.tensor.DType;
import dev.luthier.engine.tensor.Libtorch;
import java.lang.management.ManagementFactory;
import java.util.Locale;

/** {@code luthier bench train [settings]}: measures the engine on this machine and says what ran on what. */
public final class BenchMain {
    private static final String USAGE = "usage: luthier bench train [--shape smollm2-135m|smollm2-360m|tinyllama-1-1b|luthier-tiny]"
            + " [--type bf16|fp32] [--rank N] [--samples N] [--length N] [--steps N] [--recompute] [--json]";

    private BenchMain() {}

    /** Exit status 0, or 2 on bad usage. */
    public static void main(String[] arguments) {
        boolean json = false;
        BenchShape shape = BenchShape.SMOLLM2_135M;
        DType type = DType.BF16;
        int rank = 16;
        int samples = 4;
        int length = 512;
        int steps = 5;
        boolean recompute = false;
        try {
            if (arguments.length == 0 || !arguments[0].equals("train")) {
                throw new IllegalArgumentException("say what to measure: train");
            }
            for (int i = 1; i < arguments.length; i++) {
                switch (arguments[i]) {
                    case "--json" -> json = true;
                    case "--recompute" -> recompute = true;
                    case "--shape" -> shape = BenchShape.of(value(arguments, i++));
                    case "--type" -> type = DType.of(value(arguments, i++));
                    case "--rank" -> rank = number(arguments, i++);
                    case "--samples" -> samples = number(arguments, i++);
                    case "--length" -> length = number(arguments, i++);
                    case "--steps" -> steps = number(arguments, i++);
                    default -> throw new IllegalArgumentException("unknown argument " + arguments[i]);
                }
            }
        } catch (IllegalArgumentException e) {
            System.err.println("luthier: " + e.getMessage());
            System.err.println(USAGE);
            System.exit(2);
            return;
        }
        run(new TrainingBench.Settings(shape, type, rank, samples, length, steps, recompute), json);
    }

    private static void run(TrainingBench.Settings settings, boolean json) {
        Libtorch.start();
        double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        TrainingBench.Figures figures = TrainingBench.run(settings);
        if (json) {
            System.out.println(Json.write(figures));
            return;
        }
        System.out.println(String.format(Locale.ROOT,
                "LoRA training: %s, random weights, %s, rank %d on all linear layers, %d x %d tokens a step%s",
                settings.shape().label(), settings.type().label(), settings.rank(), settings.samples(),
                settings.length(), settings.recompute() ? ", activations recomputed" : ""));
        System.out.println(String.format(Locale.ROOT, "on: %s; libtorch %s, %d threads; load average before: %.1f",
                Libtorch.cpu(), Libtorch.version(),
                Libtorch.threads(), load));
        System.out.println(
                String.format(Locale.ROOT, "step: %.3f s median, %.3f s best; %.0f tokens/s", figures.secondsPerStep(),
                        figures.bestSecondsPerStep(), figures.tokensPerSecond()));
        System.out.println(String.format(Locale.ROOT, "matrix products alone: %.0f GFLOP/s; MFU %.3f median, %.3f best",
                figures.peakGflops(), figures.mfu(),
                figures.bestMfu()));
        System.out.println(String.format(Locale.ROOT, "peak resident: %.2f GB; loss %.3f", figures.peakResidentGb(),
                figures.loss()));
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
