package dev.luthier.core.problem;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds the known name that a mistyped one probably means. */
public final class Nearest {

    private Nearest() {}

    /**
     * The known name that needs the fewest edits (insert, delete, replace, swap neighbours), ignoring case; empty when
     * none is within a third of its own length, or one edit. Of equally near names the first one wins.
     */
    public static Optional<String> of(String typed, Collection<String> known) {
        String lower = typed.toLowerCase(Locale.ROOT);
        record Candidate(String name, int edits) {}
        return known.stream().filter(name -> Math.abs(name.length() - lower.length()) <= tolerance(name))
                .map(name -> new Candidate(name, edits(lower, name.toLowerCase(Locale.ROOT))))
                .filter(candidate -> candidate.edits() <= tolerance(candidate.name()))
                .min(Comparator.comparingInt(Candidate::edits)).map(Candidate::name);
    }

    /** {@code " Did you mean X?"}, or nothing when no name is near. */
    public static String hint(String typed, Collection<String> known) {
        return of(typed, known).map(name -> " Did you mean " + name + "?").orElse("");
    }

    private static int tolerance(String name) {
        return Math.max(1, name.length() / 3);
    }

    /** Optimal string alignment distance, one row at a time. */
    private static int edits(String a, String b) {
        int[] beforeLast = new int[b.length() + 1];
        int[] last = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            last[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] row = new int[b.length() + 1];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replace = last[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(replace, 1 + Math.min(last[j], row[j - 1]));
                boolean swapped = i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2)
                        && a.charAt(i - 2) == b.charAt(j - 1);
                if (swapped) {
                    row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
                }
            }
            beforeLast = last;
            last = row;
        }
        return last[b.length()];
    }
}
