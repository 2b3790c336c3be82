package dev.luthier.engine.parity;

import dev.luthier.core.json.Json;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.run.RunDirectory;
import dev.luthier.engine.tensor.Libtorch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.core.JacksonException;

/**
 * The engine's side of {@code bench/run parity}:
 *
 * <pre>
 * luthier bench parity order RUN_DIR OUT_DIR    writes the samples of a run in the order of its steps
 * luthier bench parity measure REQUESTS.json    makes the measurements of a JSON array
 * luthier bench parity text SEED COUNT FILE     writes texts of the kind that the bundled model knows
 * </pre>
 */
public final class ParityMain {
    private static final String USAGE = """
            usage: luthier bench parity order RUN_DIR OUT_DIR
                   luthier bench parity measure REQUESTS.json
                   luthier bench parity text SEED COUNT FILE""";

    private ParityMain() {}

    /** Exit status 0, 1 on failure, 2 on bad usage. */
    public static void main(String[] arguments) {
        try {
            if (arguments.length == 3 && arguments[0].equals("order")) {
                order(Path.of(arguments[1]), Path.of(arguments[2]));
            } else if (arguments.length == 2 && arguments[0].equals("measure")) {
                measure(Path.of(arguments[1]));
            } else if (arguments.length == 4 && arguments[0].equals("text")) {
                TextFile.write(Long.parseLong(arguments[1]), Integer.parseInt(arguments[2]), Path.of(arguments[3]));
            } else {
                System.err.println(USAGE);
                System.exit(2);
            }
        } catch (IOException | JacksonException | NumberFormatException | ProblemException e) {
            System.err.println("luthier: " + e.getMessage());
            System.exit(1);
        }
    }

    private static void order(Path run, Path out) throws IOException {
        new SampleSequence(new RunDirectory(run).readSpec(), out).write();
    }

    private static void measure(Path requests) throws IOException {
        Libtorch.start();
        for (Measurement measurement : List
                .of(Json.MAPPER.readValue(Files.readString(requests), Measurement[].class))) {
            measurement.run();
        }
    }
}
