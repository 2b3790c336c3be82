package dev.luthier.core.command;

import dev.luthier.core.problem.Problem;
import java.nio.file.Path;
import java.util.Map;

/** Where a user's data lies when no option says so. */
public final class DataHome {
    private DataHome() {}

    /**
     * {@code LUTHIER_HOME}, {@code $XDG_DATA_HOME/luthier}, {@code ~/.local/share/luthier}: the first that is set.
     *
     * @throws dev.luthier.core.problem.ProblemException USER, when this user has no home folder either
     */
    public static Path of(Map<String, String> environment) {
        String own = environment.getOrDefault("LUTHIER_HOME", "");
        if (!own.isBlank()) {
            return Path.of(own).toAbsolutePath().normalize();
        }
        String xdg = environment.getOrDefault("XDG_DATA_HOME", "");
        return (xdg.isBlank() ? home(environment).resolve(".local/share") : Path.of(xdg)).resolve("luthier")
                .toAbsolutePath().normalize();
    }

    /** Java asks the system and does not look at HOME. */
    private static Path home(Map<String, String> environment) {
        String home = environment.getOrDefault("HOME", "");
        String ofSystem = System.getProperty("user.home", "?");
        if (home.isBlank() && (ofSystem.isBlank() || ofSystem.equals("?"))) {
            throw Problem.user("no_home", "This user has no home folder. Name the data directory with --data-dir, or in"
                    + " LUTHIER_HOME.").asException();
        }
        return Path.of(home.isBlank() ? ofSystem : home);
    }
}
