package dev.luthier.server.launch;

import dev.luthier.core.problem.Problem;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The program that runs trainers, probes and inference workers.
 *
 * @param program null when neither setting nor environment names one
 */
public record EngineCommand(@Nullable Path program) {

    /**
     * The command line of one of its commands.
     *
     * @throws dev.luthier.core.problem.ProblemException USER, when no program is known
     */
    public List<String> line(String... arguments) {
        if (program == null) {
            throw Problem.user("no_engine", "No program to run the engine is known. Start the server with ./luthier "
                    + "serve, or set engine.command to the path of that script.").asException();
        }
        List<String> line = new ArrayList<>(List.of(program.toString()));
        line.addAll(List.of(arguments));
        return line;
    }
}
