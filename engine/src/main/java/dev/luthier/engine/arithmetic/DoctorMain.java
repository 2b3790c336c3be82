package dev.luthier.engine.arithmetic;

import dev.luthier.core.json.Json;
import dev.luthier.core.model.ModelConfig;
import dev.luthier.core.model.ModelDirectory;
import dev.luthier.core.plan.ArithmeticReport;
import dev.luthier.core.plan.TrainingThreads;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.process.ParentWatch;
import dev.luthier.engine.options.Options;
import dev.luthier.engine.tensor.Libtorch;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * {@code luthier doctor --model DIR}: says what this machine computes with and which number type a training of the model
 * takes, and why. With {@code --json} one line, an {@link ArithmeticReport}.
 */
public final class DoctorMain {
    private static final String USAGE = "usage: luthier doctor --model DIR [--threads N] [--json]";

    private DoctorMain() {}

    private record Settings(Path model, int threads, boolean json) {}

    /** Exit status 0, 1 on failure, 2 on bad usage. */
    public static void main(String[] arguments) {
        try {
            ParentWatch.follow();
            Settings settings = parse(arguments);
            ModelConfig config = ModelDirectory.open(settings.model).config();
            Libtorch.start();
            ArithmeticReport report = SelfTest.measure(config, settings.threads > 0
                    ? settings.threads
                    : TrainingThreads.suiting(config.parameterCount()));
            System.out.println(settings.json ? Json.write(report) : describe(report));
        } catch (ProblemException e) {
            Options.report(e);
            System.exit(Options.status(e));
        }
    }

    private static Settings parse(String... arguments) {
        Options options = new Options(USAGE, arguments);
        @Nullable
        Path model = null;
        int threads = 0;
        boolean json = false;
        for (String name = options.next(); name != null; name = options.next()) {
            switch (name) {
                case "--model" -> model = options.path();
                case "--threads" -> threads = options.integer(1024);
                case "--json" -> json = true;
                default -> throw options.unknown();
            }
        }
        return new Settings(options.required("--model", model), threads, json);
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
