package dev.luthier.server.config;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** Finds the known name that a mistyped one probably means. */
public final class Nearest {
    private Nearest() {}

    /** The closest name within a third of its length in edits, ignoring case; empty when none is close. */
    public static Optional<String> of(String mistyped, Collection<String> known) {
        String typed = mistyped.toLowerCase(Locale.ROOT);
        String nearest = null;
        int fewest = Integer.MAX_VALUE;
        for (String name : known) {
            int edits = edits(typed, name.toLowerCase(Locale.ROOT));
            if (edits < fewest && edits <= Math.max(1, name.length() / 3)) {
                fewest = edits;
                nearest = name;
            }
        }
        return Optional.ofNullable(nearest);
    }

    /** {@code " Did you mean X?"}, or nothing when no name is close. */
    public static String hint(String mistyped, Collection<String> known) {
        return of(mistyped, known).map(name -> " Did you mean " + name + "?").orElse("");
    }

    /** Optimal string alignment distance: insert, delete, replace or swap of neighbours count one each. */
    private static int edits(String a, String b) {
        if (Math.abs(a.length() - b.length()) > Math.max(1, b.length() / 3)) {
            return Integer.MAX_VALUE;
        }
        int[][] distance = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    distance[i][j] = i + j;
                    continue;
                }
                int replace = distance[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                distance[i][j] = Math.min(replace, 1 + Math.min(distance[i - 1][j], distance[i][j - 1]));
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    distance[i][j] = Math.min(distance[i][j], distance[i - 2][j - 2] + 1);
                }
            }
        }
        return distance[a.length()][b.length()];
    }
}
