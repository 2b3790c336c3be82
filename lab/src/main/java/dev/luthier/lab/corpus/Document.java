package dev.luthier.lab.corpus;

import java.util.List;
import java.util.stream.Collectors;

/**
 * One document of the pre-training corpus: pieces of text in reading order. Special tokens such as {@code <|im_start|>} stand in the
 * text as they are written; the end-of-text token is not part of it.
 */
public record Document(List<Segment> segments) {
    public Document {
        segments = List.copyOf(segments);
        if (segments.isEmpty()) {
            throw new IllegalArgumentException("a document needs at least one segment");
        }
    }

    /**
     * A piece of a document.
     *
     * @param target
     *            whether predicting its tokens counts in the loss
     */
    public record Segment(String text, boolean target) {
        public Segment {
            if (text.isEmpty()) {
                throw new IllegalArgumentException("a segment needs text");
            }
        }
    }

    /** A document whose every token counts. */
    public static Document plain(String text) {
        return new Document(List.of(new Segment(text, true)));
    }

    /** The whole text. */
    public String text() {
        return segments.stream().map(Segment::text).collect(Collectors.joining());
    }
}
