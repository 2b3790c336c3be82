package dev.luthier.core.data;

import dev.luthier.core.chat.Conversation;
import dev.luthier.core.chat.TemplateNote;
import dev.luthier.core.chat.TrainingText;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.tokenizer.Encoded;
import dev.luthier.core.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Encodes conversations and texts into token ids and loss weights for one model. Thread-safe. */
final class SequenceEncoder {
    private final Tokenizer tokenizer;
    private final @Nullable Renderer renderer;
    private final OptionalInt endToken;
    private final Set<TemplateNote> notes = ConcurrentHashMap.newKeySet();

    /**
     * @param tokenizer not owned
     * @param renderer null for a model without chat template
     * @param endToken follows each plain text; empty for a model without such a token
     */
    SequenceEncoder(Tokenizer tokenizer, @Nullable Renderer renderer, OptionalInt endToken) {
        this.tokenizer = tokenizer;
        this.renderer = renderer;
        this.endToken = endToken;
    }

    /**
     * Length limit of a sequence.
     *
     * @param tokens at most; more are refused, without being tokenized where that is certain before
     * @param tokenizing called when the text is there and the tokenizer comes next
     */
    record Limit(int tokens, Runnable tokenizing) {}

    Set<TemplateNote> notes() {
        return notes;
    }

    /** A conversation as it is learnt from; its text holds no generation prompt. */
    TrainingText render(Conversation conversation) {
        TrainingText rendered = rendered(renderer().training(), conversation);
        notes.addAll(rendered.notes());
        return rendered;
    }

    /**
     * The tokens of a rendered conversation.
     *
     * @param counted whether the loss counts the message of an index
     */
    EncodedSample chat(TrainingText rendered, Predicate<Integer> counted, Limit limit) {
        Encoded encoded = tokenize(rendered.text(), limit, () -> tokenizer.encodeWithOffsets(rendered.text(), false));
        if (encoded.size() == 0) {
            throw refused("the model's chat template makes no text of the conversation.");
        }
        List<TrainingText.Span> targets = rendered.spans().stream().filter(span -> counted.test(span.message()))
                .toList();
        return within(new EncodedSample(encoded.ids(), weights(encoded, targets)), limit);
    }

    /** A conversation up to the start of the next answer, of which nothing counts. */
    EncodedSample prompt(Conversation conversation, Limit limit) {
        String text = rendered(renderer().prompt(), conversation);
        int[] tokens = tokenize(text, limit, () -> tokenizer.encode(text, false));
        if (tokens.length == 0) {
            throw refused("the model's chat template makes no text of the conversation.");
        }
        return within(new EncodedSample(tokens, new float[tokens.length]), limit);
    }

    /** A text, of which all counts that something precedes. */
    EncodedSample text(String text, Limit limit) {
        int[] tokens = tokenize(text, limit, () -> tokenizer.encode(text, true));
        if (endToken.isPresent() && (tokens.length == 0 || tokens[tokens.length - 1] != endToken.getAsInt())) {
            tokens = Arrays.copyOf(tokens, tokens.length + 1);
            tokens[tokens.length - 1] = endToken.getAsInt();
        }
        if (tokens.length == 0) {
            throw refused("the model's tokenizer makes no tokens of the text.");
        }
        float[] weights = new float[tokens.length];
        Arrays.fill(weights, 1);
        weights[0] = 0;
        return within(new EncodedSample(tokens, weights), limit);
    }

    private Renderer renderer() {
        if (renderer == null) {
            throw Problem.user("missing_chat_template", "The model has no chat template, so it cannot be trained on "
                    + "conversations. Use plain text lines ({\"text\": ...}), or put a chat_template into the model's "
                    + "tokenizer_config.json.").asException();
        }
        return renderer;
    }

    private static <T> T rendered(Function<Conversation, T> template, Conversation conversation) {
        try {
            return template.apply(conversation);
        } catch (ProblemException e) {
            throw e.problem().kind() == Problem.Kind.USER ? refused(e.problem().message()) : e;
        }
    }

    /** Tokenizes a text unless it has too many tokens for certain. */
    private <T> T tokenize(String text, Limit limit, Supplier<T> tokens) {
        long least = tokenizer.leastTokens(text);
        if (least > limit.tokens()) {
            throw tooLong("at least " + least + " tokens", limit.tokens());
        }
        limit.tokenizing().run();
        try {
            return tokens.get();
        } catch (ProblemException e) {
            throw e.problem().kind() == Problem.Kind.USER ? refused(e.problem().message()) : e;
        }
    }

    private static EncodedSample within(EncodedSample encoded, Limit limit) {
        if (encoded.length() > limit.tokens()) {
            throw tooLong(encoded.length() + " tokens", limit.tokens());
        }
        return encoded;
    }

    private static ProblemException tooLong(String has, int maxTokens) {
        return refused("the sample has " + has + "; at most " + maxTokens + " are possible. Shorten or split it.");
    }

    static ProblemException refused(String why) {
        return Problem.user(SampleEncoder.REFUSED, why).asException();
    }

    private static float[] weights(Encoded encoded, List<TrainingText.Span> targets) {
        float[] weights = new float[encoded.size()];
        int next = 0;
        for (int i = 1; i < weights.length; i++) {
            while (next < targets.size() && targets.get(next).end() <= encoded.start(i)) {
                next++;
            }
            if (next == targets.size()) {
                break;
            }
            TrainingText.Span span = targets.get(next);
            // A token that covers nothing (a word mark that the tokenizer puts in) belongs where it stands.
            int end = Math.max(encoded.end(i), encoded.start(i) + 1);
            weights[i] = end > span.start() ? 1 : 0;
        }
        return weights;
    }
}
