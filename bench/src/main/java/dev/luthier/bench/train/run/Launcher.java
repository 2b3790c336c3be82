package dev.luthier.bench.train.run;

import dev.luthier.core.problem.Problem;
import java.nio.file.Path;

/** Where the programs to start are. */
public final class Launcher {
    private Launcher() {}

    /** The launcher {@code luthier}. */
    static String path() {
        return variable("LUTHIER_BIN", "start benchmarks through the launcher: ./luthier bench");
    }

    /** The folder of the launcher: the root of the repository. */
    public static Path root() {
        return Path.of(path()).resolveSibling(".").toAbsolutePath().normalize();
    }

    /** A Python with the peers; a USER problem that says how to get one if there is none. */
    public static String python() {
        return variable("LUTHIER_BENCH_PYTHON", "the peers are not installed. Start with bench/run train, which"
                + " installs them, or use --luthier-only.");
    }

    private static String variable(String name, String whenAbsent) {
        String value = System.getenv(name);
        if (value == null) {
            throw Problem.user("not_started_by_launcher", whenAbsent).asException();
        }
        return value;
    }
}
