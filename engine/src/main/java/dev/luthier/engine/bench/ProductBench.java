package dev.luthier.engine.bench;

import dev.luthier.core.json.Json;
import dev.luthier.core.model.ModelConfig;
import dev.luthier.core.model.ModelDirectory;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.engine.options.Options;
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

    private record Settings(Path model, int rows, DType type, boolean json) {}

    /** Exit status 0, 1 on failure, 2 on bad usage. */
    public static void main(String[] arguments) {
        try {
            measure(parse(arguments));
        } catch (ProblemException e) {
            Options.report(e);
            System.exit(Options.status(e));
        }
    }

    private static Settings parse(String[] arguments) {
        Options options = new Options(USAGE, arguments);
        Path model = null;
        int rows = ROWS;
        DType type = DType.BF16;
        boolean json = false;
        for (String name = options.next(); name != null; name = options.next()) {
            switch (name) {
                case "--model" -> model = options.path();
                case "--rows" -> rows = options.integer(Integer.MAX_VALUE);
                case "--type" -> type = options.choice(DType.class, DType::label);
                case "--json" -> json = true;
                default -> throw options.unknown();
            }
        }
        return new Settings(options.required("--model", model), rows, type, json);
    }

    private static void measure(Settings settings) {
        ModelConfig config = ModelDirectory.open(settings.model).config();
        Libtorch.start();
        Figures figures = new Figures(ProductPeak.measure(config, settings.type, settings.rows) / 1e9);
        System.out.println(settings.json
                ? Json.write(figures)
                : String.format(Locale.ROOT, "%.0f GFLOP/s in %s over the model's products of %d rows; %s, "
                        + "libtorch %s, %d threads", figures.gflops, settings.type.label(), settings.rows,
                        Libtorch.cpu(), Libtorch.version(), Libtorch.threads()));
    }
}
