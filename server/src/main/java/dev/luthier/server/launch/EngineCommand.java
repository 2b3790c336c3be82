package dev.luthier.server.launch;

import dev.luthier.core.problem.Problem;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The program that runs trainers, probes and inference workers.
 *
 * @param program null when neither setting nor environment names one
 */
public record EngineCommand(@Nullable Path program) {

    /** The server's own keys, which no program that it starts needs. */
    private static final List<String> SECRETS = List.of("LUTHIER_MASTER_KEY", "LUTHIER_API_KEY");
    private static final int NICENESS = 10;

    /**
     * One of its commands, to be started.
     *
     * @throws dev.luthier.core.problem.ProblemException USER, when no program is known
     */
    public ProcessBuilder process(String... arguments) {
        ProcessBuilder builder = new ProcessBuilder(line(arguments));
        removeSecrets(builder.environment());
        return builder;
    }

    static void removeSecrets(Map<String, String> environment) {
        environment.keySet().removeAll(SECRETS);
    }

    /** The same at a lower priority than server and workers, where {@code nice} exists: for work that can wait. */
    public ProcessBuilder backgroundProcess(String... arguments) {
        ProcessBuilder builder = process(arguments);
        onPath("nice").ifPresent(nice -> builder.command().addAll(0, List.of(nice, "-n", String.valueOf(NICENESS))));
        return builder;
    }

    /** An executable of the search path. */
    static Optional<String> onPath(String program) {
        String path = System.getenv().getOrDefault("PATH", "");
        for (String folder : path.split(File.pathSeparator, -1)) {
            Path candidate = Path.of(folder).resolve(program);
            if (!folder.isEmpty() && Files.isExecutable(candidate)) {
                return Optional.of(candidate.toString());
            }
        }
        return Optional.empty();
    }

    private List<String> line(String... arguments) {
        if (program == null) {
            throw Problem.user("no_engine", "No program to run the engine is known. Start the server with ./luthier "
                    + "serve, or set engine.command to the path of that script.").asException();
        }
        List<String> line = new ArrayList<>(List.of(program.toString()));
        line.addAll(List.of(arguments));
        return line;
    }
}
