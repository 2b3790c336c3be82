package dev.luthier.engine.arithmetic;

import dev.luthier.core.command.Program;
import dev.luthier.core.json.Json;
import dev.luthier.core.model.ModelConfig;
import dev.luthier.core.model.ModelDirectory;
import dev.luthier.core.plan.ArithmeticReport;
import dev.luthier.core.plan.TrainingThreads;
import dev.luthier.core.process.ParentWatch;
import dev.luthier.engine.options.EngineProgram;
import dev.luthier.engine.tensor.Libtorch;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code luthier doctor --model DIR}: says what this machine computes with and which number type a training of the model
 * takes, and why. With {@code --json} one line, an {@link ArithmeticReport}.
 */
@Command(name = "luthier doctor", sortOptions = false, description = "Say what this machine computes with, and which number type a training of the model takes, and why.")
public final class DoctorMain implements Callable<Integer> {
    @Option(names = "--model", required = true, paramLabel = "DIR", description = "Model directory.")
    private Path model;

    @Option(names = "--threads", paramLabel = "N", description = "Of a tensor operation (as many as suit the model).")
    private @Nullable Integer threads;

    @Option(names = "--json", description = "Print one line of JSON.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    private DoctorMain() {}

    /** Exit status 0, 1 on failure, 2 on bad usage. */
    public static void main(String[] arguments) {
        System.exit(EngineProgram.of(new DoctorMain()).execute(arguments));
    }

    @Override
    public Integer call() {
        Program.within(spec, "--threads", threads == null ? 1 : threads, 1, 1024);
        ParentWatch.follow();
        ModelConfig config = ModelDirectory.open(model).config();
        Libtorch.start();
        ArithmeticReport report = SelfTest.measure(config,
                threads == null ? TrainingThreads.suiting(config.parameterCount()) : threads);
        System.out.println(json ? Json.write(report) : describe(report));
        return 0;
    }

    private static String describe(ArithmeticReport report) {
        return "CPU: " + report.cpu() + ", kernels of libtorch for " + Libtorch.vectorExtension() + "\nlibtorch: "
                + report.libtorch() + (Libtorch.hasOneThreadPool()
                        ? ", one pool of threads"
                        : ", OpenBLAS with threads of its own")
                + "\ntraining: in " + report.baseType() + " with " + report.threads()
                + (report.threads() == 1 ? " thread: " : " threads: ") + report.reason();
    }
}
