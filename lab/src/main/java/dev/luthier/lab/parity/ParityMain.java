package dev.luthier.lab.parity;

import dev.luthier.core.command.Program;
import dev.luthier.core.json.Json;
import dev.luthier.core.run.RunDirectory;
import dev.luthier.engine.options.EngineProgram;
import dev.luthier.engine.tensor.Libtorch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * The engine's side of {@code bench/run parity}:
 *
 * <pre>
 * luthier bench parity order RUN_DIR OUT_DIR    writes the samples of a run in the order of its steps
 * luthier bench parity measure REQUESTS.json    makes the measurements of a JSON array
 * luthier bench parity text SEED COUNT FILE     writes texts of the kind that the bundled model knows
 * </pre>
 */
@Command(name = "luthier bench parity", description = "The engine's side of bench/run parity.")
public final class ParityMain implements Runnable {
    @Spec
    private CommandSpec spec;

    private ParityMain() {}

    /** Exit status 0, 1 on failure, 2 on bad usage. */
    public static void main(String[] arguments) {
        System.exit(EngineProgram.of(new ParityMain()).execute(arguments));
    }

    @Override
    public void run() {
        throw Program.refuse(spec, "say which: " + String.join(", ", spec.subcommands().keySet()) + ".");
    }

    @Command(name = "order", description = "Write the samples of a run in the order of its steps.")
    int order(@Parameters(paramLabel = "RUN_DIR") Path run, @Parameters(paramLabel = "OUT_DIR") Path out)
            throws IOException {
        new SampleSequence(new RunDirectory(run).readSpec(), out).write();
        return 0;
    }

    @Command(name = "measure", description = "Make the measurements of a JSON array.")
    int measure(@Parameters(paramLabel = "REQUESTS.json") Path requests) throws IOException {
        Libtorch.start();
        for (Measurement measurement : List
                .of(Json.MAPPER.readValue(Files.readString(requests), Measurement[].class))) {
            measurement.run();
        }
        return 0;
    }

    @Command(name = "text", description = "Write texts of the kind that the bundled model knows.")
    int text(@Parameters(paramLabel = "SEED") long seed, @Parameters(paramLabel = "COUNT") int documents,
            @Parameters(paramLabel = "FILE") Path file) throws IOException {
        TextFile.write(seed, documents, file);
        return 0;
    }
}
