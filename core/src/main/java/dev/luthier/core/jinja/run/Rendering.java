package dev.luthier.core.jinja.run;

import java.util.List;

/**
 * What a template made.
 *
 * @param text the output
 * @param generations what {@code {% generation %}} blocks printed, in order
 * @param incomplete whether a generation block printed inside a macro or a captured block, where its place in the
 *     output cannot be known; such blocks are missing in {@code generations}
 */
public record Rendering(String text, List<Span> generations, boolean incomplete) {
    public Rendering {
        generations = List.copyOf(generations);
    }

    /** Offsets of the first char (UTF-16 unit) and after the last. */
    public record Span(int start, int end) {}
}
