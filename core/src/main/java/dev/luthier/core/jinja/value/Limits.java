package dev.luthier.core.jinja.value;

/**
 * Bounds on what one rendering may use.
 *
 * @param steps evaluated nodes; work on long values counts as several steps
 * @param textLength chars of the output and of any one string
 * @param items elements of any one list or dictionary
 * @param depth nested evaluations: macros that call themselves, deep expressions, deep values
 */
public record Limits(long steps, int textLength, int items, int depth) {
    /** Far above what chat templates need; a runaway template stops after about a second. */
    public static final Limits DEFAULT = new Limits(20_000_000, 32 << 20, 1_000_000, 300);

    public Limits {
        if (steps < 1 || textLength < 1 || items < 1 || depth < 1) {
            throw new IllegalArgumentException("limits must be positive");
        }
    }
}
