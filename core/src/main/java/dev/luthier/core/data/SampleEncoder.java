package dev.luthier.core.data;

import dev.luthier.core.chat.Conversation;
import dev.luthier.core.chat.TemplateNote;
import dev.luthier.core.chat.TemplateSet;
import dev.luthier.core.chat.TrainingText;
import dev.luthier.core.model.ModelDirectory;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.tokenizer.Encoded;
import dev.luthier.core.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

/**
 * Turns samples into the tokens of one model and the loss weight of each. Thread-safe; does not own the tokenizer.
 *
 * <p>A conversation is rendered by the model's chat template ({@link TemplateSet}) and tokenized as it is: special tokens
 * come from that text alone. A token counts in the loss if it covers at least one character of what an assistant message of
 * weight 1 contributed, the end-of-turn token included; so a token that begins with the last character of the header
 * before it counts, and the first word of an answer is never lost.
 *
 * <p>Plain text is tokenized with the special tokens that the tokenizer adds by itself (for many models one for the
 * beginning), and the model's end token follows. Every token but the first counts.
 */
public final class SampleEncoder {
    /** Code of the problem of a sample that this model cannot be trained on. */
    public static final String REFUSED = "sample_refused";

    private final Tokenizer tokenizer;
    private final @Nullable Function<Conversation, TrainingText> template;
    private final OptionalInt endToken;
    private final String fingerprint;
    private final Set<TemplateNote> notes = ConcurrentHashMap.newKeySet();

    /**
     * @param template renders conversations; null for a model without chat template
     * @param endToken follows each plain text; empty for a model without such a token
     * @param fingerprint stands for tokenizer, template and tokens: two encoders with the same one encode alike
     */
    SampleEncoder(Tokenizer tokenizer, @Nullable Function<Conversation, TrainingText> template, OptionalInt endToken,
            String fingerprint) {
        this.tokenizer = tokenizer;
        this.template = template;
        this.endToken = endToken;
        this.fingerprint = fingerprint;
    }

    /**
     * The encoder of a model. Its template is compiled here.
     *
     * @param tokenizer of the model; stays open as long as the encoder is used
     * @throws ProblemException USER, if the template cannot be compiled or the end token is none of the tokenizer's
     */
    public static SampleEncoder of(ModelDirectory model, Tokenizer tokenizer) {
        Function<Conversation, TrainingText> template = TemplateSet.of(model, tokenizer)
                .<Function<Conversation, TrainingText>>map(templates -> templates::trainingText).orElse(null);
        return new SampleEncoder(tokenizer, template, endToken(model, tokenizer), EncoderFingerprint.of(model));
    }

    private static OptionalInt endToken(ModelDirectory model, Tokenizer tokenizer) {
        if (model.specialTokens().end().isEmpty()) {
            return OptionalInt.empty();
        }
        String text = model.specialTokens().end().get();
        OptionalInt id = tokenizer.tokenId(text);
        if (id.isEmpty()) {
            throw Problem.user("invalid_tokenizer", model.path() + ": tokenizer_config.json names " + text
                    + " as eos_token, which tokenizer.json does not have. Make the two agree.").asException();
        }
        return id;
    }

    /** Stands for tokenizer, template and tokens: two encoders with the same one encode alike. */
    public String fingerprint() {
        return fingerprint;
    }

    /** What a user should know of how the conversations so far were rendered; warnings first. */
    public List<TemplateNote> notes() {
        return notes.stream()
                .sorted(Comparator.comparing(TemplateNote::isWarning).reversed().thenComparing(TemplateNote::text))
                .toList();
    }

    /** Encodes a sample of any length; throws as the other one does. */
    public EncodedSample encode(Sample sample) {
        return encode(sample, Integer.MAX_VALUE, () -> {});
    }

    /**
     * Encodes a sample.
     *
     * @param maxTokens a longer one is refused, without being tokenized where that is certain before
     * @param tokenizing called when the text is there and the tokenizer comes next
     * @throws ProblemException USER, with the code {@link #REFUSED} if the template refuses this conversation or the
     *     sample is too long, or {@code missing_chat_template} if the model has none for any conversation
     */
    EncodedSample encode(Sample sample, int maxTokens, Runnable tokenizing) {
        EncodedSample encoded = switch (sample) {
            case Sample.Chat chat -> chat(chat, maxTokens, tokenizing);
            case Sample.Text text -> text(text.text(), maxTokens, tokenizing);
        };
        if (encoded.length() > maxTokens) {
            throw tooLong(encoded.length() + " tokens", maxTokens);
        }
        return encoded;
    }

    private static ProblemException tooLong(String has, int maxTokens) {
        return refused("the sample has " + has + "; at most " + maxTokens + " are possible. Shorten or split it.");
    }

    /** Tokenizes a text unless it has too many tokens for certain. */
    private <T> T tokenize(String text, int maxTokens, Runnable tokenizing, Supplier<T> tokenizer) {
        long least = this.tokenizer.leastTokens(text);
        if (least > maxTokens) {
            throw tooLong("at least " + least + " tokens", maxTokens);
        }
        tokenizing.run();
        try {
            return tokenizer.get();
        } catch (ProblemException e) {
            throw e.problem().kind() == Problem.Kind.USER ? refused(e.problem().message()) : e;
        }
    }

    private static ProblemException refused(String why) {
        return Problem.user(REFUSED, why).asException();
    }

    private EncodedSample chat(Sample.Chat chat, int maxTokens, Runnable tokenizing) {
        if (template == null) {
            throw Problem.user("missing_chat_template", "The model has no chat template, so it cannot be trained on "
                    + "conversations. Use plain text lines ({\"text\": ...}), or put a chat_template into the model's "
                    + "tokenizer_config.json.").asException();
        }
        TrainingText rendered = render(template, chat.conversation());
        notes.addAll(rendered.notes());
        Encoded encoded = tokenize(rendered.text(), maxTokens, tokenizing,
                () -> tokenizer.encodeWithOffsets(rendered.text(), false));
        if (encoded.size() == 0) {
            throw refused("the model's chat template makes no text of the conversation.");
        }
        List<TrainingText.Span> targets = rendered.spans().stream()
                .filter(span -> chat.weights().get(span.message()) == 1).toList();
        return new EncodedSample(encoded.ids(), weights(encoded, targets));
    }

    private static TrainingText render(Function<Conversation, TrainingText> template, Conversation conversation) {
        try {
            return template.apply(conversation);
        } catch (ProblemException e) {
            throw e.problem().kind() == Problem.Kind.USER ? refused(e.problem().message()) : e;
        }
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

    private EncodedSample text(String text, int maxTokens, Runnable tokenizing) {
        int[] tokens = tokenize(text, maxTokens, tokenizing, () -> tokenizer.encode(text, true));
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
        return new EncodedSample(tokens, weights);
    }
}
