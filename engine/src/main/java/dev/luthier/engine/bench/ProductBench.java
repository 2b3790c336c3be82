package dev.luthier.engine.bench;

import dev.luthier.core.json.Json;
import dev.luthier.core.model.ModelConfig;
import dev.luthier.core.model.ModelDirectory;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.engine.tensor.DType;
import dev.luthier.engine.tensor.Libtorch;
import java.nio.file.Path;
import java.util.Locale;

/**
 * {@code luthier bench products --model DIR}: how fast this machine multiplies matrices of a model's shapes, the rate
 * that the speed of training is related to. With {@code --json} one line, {@code {"gflops":...}}.
 */
public final class ProductBench {
    private static final String USAGE = "usage: luthier bench products --model DIR [--rows N] [--type bf16|fp32] [--json]";
    private static final int ROWS = 2048;

    private ProductBench() {}

    /** @param gflops 10^9 floating-point operations a second */
    record Figures(double gflops) {}

    /** Exit status 0, 1 on failure, 2 on bad usage. */
    public static void main(String[] arguments) {
        Path model = null;
        int rows = ROWS;
        DType type = DType.BF16;
        boolean json = false;
        try {
            for (int i = 0; i < arguments.length; i++) {
                switch (arguments[i]) {
                    case "--model" -> model = Path.of(value(arguments, i++));
                    case "--rows" -> rows = number(arguments, i++);
                    case "--type" -> type = DType.of(value(arguments, i++));
                    case "--json" -> json = true;
                    default -> throw new IllegalArgumentException("unknown argument " + arguments[i]);
                }
            }
            if (model == null) {
                throw new IllegalArgumentException("--model is missing");
            }
        } catch (IllegalArgumentException e) {
            System.err.println("luthier: " + e.getMessage());
            System.err.println(USAGE);
            System.exit(2);
            return;
        }
        System.exit(measure(model, rows, type, json));
    }

    private static int measure(Path model, int rows, DType type, boolean json) {
        try {
            ModelConfig config = ModelDirectory.open(model).config();
            Libtorch.start();
            Figures figures = new Figures(ProductPeak.measure(config, type, rows) / 1e9);
            System.out.println(json
                    ? Json.write(figures)
                    : String.format(Locale.ROOT, "%.0f GFLOP/s in %s over the model's products of %d rows; %s, "
                            + "libtorch %s, %d threads", figures.gflops, type.label(), rows, Libtorch.cpu(),
                            Libtorch.version(), Libtorch.threads()));
            return 0;
        } catch (ProblemException e) {
            System.err.println("luthier: " + e.getMessage());
            return 1;
        }
    }

    private static String value(String[] arguments, int index) {
        if (index + 1 == arguments.length) {
            throw new IllegalArgumentException(arguments[index] + " needs a value");
        }
        return arguments[index + 1];
    }

    private static int number(String[] arguments, int index) {
        String text = value(arguments, index);
        if (!text.matches("[1-9][0-9]{0,8}")) {
            throw new IllegalArgumentException(arguments[index] + " must be a whole number of at least 1");
        }
        return Integer.parseInt(text);
    }
}
