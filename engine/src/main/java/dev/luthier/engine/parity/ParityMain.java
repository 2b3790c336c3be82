package dev.luthier.engine.parity;

import dev.luthier.core.json.Json;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.run.RunDirectory;
import dev.luthier.engine.options.Options;
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
    private static final String USAGE = "usage: luthier bench parity order RUN_DIR OUT_DIR | measure REQUESTS.json"
            + " | text SEED COUNT FILE";

    private ParityMain() {}

    /** Exit status 0, 1 on failure, 2 on bad usage. */
    public static void main(String[] arguments) {
        try {
            run(new Options(USAGE, arguments));
        } catch (ProblemException e) {
            Options.report(e);
            System.exit(Options.status(e));
        } catch (IOException | JacksonException e) {
            System.err.println("luthier: " + e.getMessage());
            System.exit(1);
        }
    }

    private static void run(Options options) throws IOException {
        switch (options.required("order, measure or text", options.next())) {
            case "order" -> {
                Path run = options.path();
                Path out = options.path();
                options.end();
                order(run, out);
            }
            case "measure" -> {
                Path requests = options.path();
                options.end();
                measure(requests);
            }
            case "text" -> {
                long seed = options.number(Long.MAX_VALUE);
                int documents = options.integer(Integer.MAX_VALUE);
                Path file = options.path();
                options.end();
                TextFile.write(seed, documents, file);
            }
            default -> throw options.unknown();
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
