package dev.luthier.lab.corpus;

import dev.luthier.lab.corpus.Document.Segment;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes a chat as the model's chat template renders it. Assistant turns count in the loss; what they answer to counts in one chat of
 * three only, for much of it is drawn at random and cannot be learned.
 */
final class Chat {
    private static final double PROMPTS_COUNT = 0.35;

    private final boolean promptsCount;
    private final List<Segment> segments = new ArrayList<>();

    Chat(Draw draw) {
        this.promptsCount = draw.chance(PROMPTS_COUNT);
    }

    Chat system(String text) {
        return prompt("system", text);
    }

    Chat user(String text) {
        return prompt("user", text);
    }

    private Chat prompt(String role, String text) {
        segments.add(new Segment("<|im_start|>" + role + "\n" + text + "<|im_end|>\n", promptsCount));
        return this;
    }

    Chat assistant(String text) {
        segments.add(new Segment("<|im_start|>assistant\n", promptsCount));
        segments.add(new Segment(text + "<|im_end|>", true));
        segments.add(new Segment("\n", promptsCount));
        return this;
    }

    Document document() {
        return new Document(segments);
    }
}
