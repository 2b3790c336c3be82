package dev.luthier.lab.bench;

import dev.luthier.core.command.Program;
import dev.luthier.core.json.Json;
import dev.luthier.core.model.ModelConfig;
import dev.luthier.core.model.ModelDirectory;
import dev.luthier.engine.options.EngineProgram;
import dev.luthier.engine.tensor.DType;
import dev.luthier.engine.tensor.Libtorch;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code luthier bench products --model DIR}: how fast this machine multiplies matrices of a model's shapes, the rate
 * that the speed of training is related to. With {@code --json} one line, {@code {"gflops":...}}. Exit status 0, 1 on
 * failure, 2 on bad usage.
 */
@Command(name = "luthier bench products", sortOptions = false, description = "How fast this machine multiplies matrices of a model's shapes.")
public final class ProductBench implements Callable<Integer> {
    @Option(names = "--model", required = true, paramLabel = "DIR", description = "Model directory.")
    private Path model;

    @Option(names = "--rows", paramLabel = "N", defaultValue = "2048", description = "Rows of a product (${DEFAULT-VALUE}).")
    private int rows;

    @Option(names = "--type", paramLabel = "TYPE", defaultValue = "bf16", description = "bf16 or fp32 (${DEFAULT-VALUE}).")
    private DType type;

    @Option(names = "--json", description = "Print one line of JSON.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    private ProductBench() {}

    /** @param gflops 10^9 floating-point operations a second */
    record Figures(double gflops) {}

    public static void main(String[] arguments) {
        System.exit(EngineProgram.of(new ProductBench()).execute(arguments));
    }

    @Override
    public Integer call() {
        Program.within(spec, "--rows", rows, 1, Integer.MAX_VALUE);
        ModelConfig config = ModelDirectory.open(model).config();
        Libtorch.start();
        Figures figures = new Figures(ProductPeak.measure(config, type, rows) / 1e9);
        System.out.println(json
                ? Json.write(figures)
                : String.format(Locale.ROOT, "%.0f GFLOP/s in %s over the model's products of %d rows; %s, "
                        + "libtorch %s, %d threads", figures.gflops, type.label(), rows, Libtorch.cpu(),
                        Libtorch.version(), Libtorch.threads()));
        return 0;
    }
}
