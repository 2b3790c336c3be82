package dev.luthier.core.chat;

import dev.luthier.core.problem.Problem;
import java.util.ArrayList;
import java.util.List;

/**
 * A rendered conversation and the parts of it that the assistant wrote.
 *
 * @param text the whole rendering, without a generation prompt
 * @param spans one per assistant message, in order, apart from each other
 * @param notes what a user should know of how it was made
 */
public record TrainingText(String text, List<Span> spans, List<TemplateNote> notes) {
    public TrainingText {
        spans = List.copyOf(spans);
        notes = List.copyOf(notes);
        int end = 0;
        for (Span span : spans) {
            if (span.start() < end || span.end() > text.length()) {
                throw Problem.internal("invalid_spans", "Assistant spans overlap or leave the text: " + spans + ".")
                        .asException();
            }
            end = span.end();
        }
    }

    public TrainingText(String text, List<Span> spans) {
        this(text, spans, List.of());
    }

    TrainingText with(TemplateNote note) {
        List<TemplateNote> more = new ArrayList<>(notes);
        more.add(note);
        return new TrainingText(text, spans, more);
    }

    /**
     * What one assistant message contributed: its text and calls with the end-of-turn token that the template gives
     * it, without the role header.
     *
     * @param start offset of the first char (UTF-16 unit) in the text
     * @param end offset after the last char, at least {@code start}
     * @param message index of the message in the conversation
     */
    public record Span(int start, int end, int message) {
        public Span {
            if (start < 0 || end < start) {
                throw new IllegalArgumentException("span " + start + " to " + end);
            }
        }
    }
}
