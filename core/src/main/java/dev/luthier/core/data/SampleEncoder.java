package dev.luthier.core.data;

import static dev.luthier.core.data.SequenceEncoder.refused;

import dev.luthier.core.chat.Conversation;
import dev.luthier.core.chat.Message;
import dev.luthier.core.chat.TemplateNote;
import dev.luthier.core.chat.TrainingText;
import dev.luthier.core.digest.Sha256;
import dev.luthier.core.json.Json;
import dev.luthier.core.model.ModelDirectory;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.run.Task;
import dev.luthier.core.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Turns samples into the tokens of one model and the loss weight of each. Thread-safe; does not own the tokenizer.
 *
 * <p>A conversation is rendered by the model's chat template and tokenized as it is: special tokens come from that text
 * alone. A token counts in the loss if it covers at least one character of what an assistant message of weight 1
 * contributed, the end-of-turn token included; so a token that begins with the last character of the header before it
 * counts, and the first word of an answer is never lost. Of a preference pair, each answer is encoded behind the
 * conversation, and alone counts. A conversation to classify ends with the start of an answer, and nothing of it counts.
 *
 * <p>Plain text is tokenized with the special tokens that the tokenizer adds by itself (for many models one for the
 * beginning), and the model's end token follows. Every token but the first counts.
 */
public final class SampleEncoder {
    /** Code of the problem of a sample that this model cannot be trained on. */
    public static final String REFUSED = "sample_refused";
    /** The same of a sample with too many tokens. */
    public static final String TOO_LONG = "sample_too_long";

    private final SequenceEncoder sequences;
    private final List<Task.Target> targets;
    private final String fingerprint;

    /**
     * @param renderer null for a model without chat template
     * @param endToken follows each plain text; empty for a model without such a token
     * @param targets as for {@link #of}
     * @param fingerprint stands for tokenizer, template and tokens: two encoders with the same one encode alike
     */
    SampleEncoder(Tokenizer tokenizer, @Nullable Renderer renderer, OptionalInt endToken, List<Task.Target> targets,
            String fingerprint) {
        this.sequences = new SequenceEncoder(tokenizer, renderer, endToken);
        this.targets = List.copyOf(targets);
        this.fingerprint = targets.isEmpty() ? fingerprint : Sha256.hex(fingerprint + Json.write(targets));
    }

    /**
     * The encoder of a model. Its template is compiled here.
     *
     * @param tokenizer of the model; stays open as long as the encoder is used
     * @param targets whose labels samples may have; empty while they are not known, or for samples without labels
     * @throws ProblemException USER, if the template cannot be compiled or the end token is none of the tokenizer's
     */
    public static SampleEncoder of(ModelDirectory model, Tokenizer tokenizer, List<Task.Target> targets) {
        return new SampleEncoder(tokenizer, Renderer.of(model, tokenizer).orElse(null), endToken(model, tokenizer),
                targets, EncoderFingerprint.of(model));
    }

    /** As the other one, for samples of a task. */
    public static SampleEncoder of(ModelDirectory model, Tokenizer tokenizer, Task task) {
        return of(model, tokenizer, task instanceof Task.Classification(var targets) ? targets : List.of());
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

    /** Stands for tokenizer, template, tokens and targets: two encoders with the same one encode alike. */
    public String fingerprint() {
        return fingerprint;
    }

    /** Whose labels samples may have; empty while they are not known. */
    List<Task.Target> targets() {
        return targets;
    }

    /** What a user should know of how the conversations so far were rendered; warnings first. */
    public List<TemplateNote> notes() {
        return sequences.notes().stream()
                .sorted(Comparator.comparing(TemplateNote::isWarning).reversed().thenComparing(TemplateNote::text))
                .toList();
    }

    /** Encodes a sample of any length; throws as the other one does. */
    public EncodedUnit encode(Sample sample) {
        return encode(sample, Integer.MAX_VALUE, () -> {});
    }

    /**
     * Encodes a sample.
     *
     * @param maxTokens a longer sequence is refused, without being tokenized where that is certain before
     * @param tokenizing called when the text is there and the tokenizer comes next
     * @throws ProblemException USER, with the code {@link #REFUSED} if the template refuses this conversation,
     *     {@link #TOO_LONG}, or {@code missing_chat_template} if the model has none for any conversation
     */
    public EncodedUnit encode(Sample sample, int maxTokens, Runnable tokenizing) {
        SequenceEncoder.Limit limit = new SequenceEncoder.Limit(maxTokens, tokenizing);
        return switch (sample) {
            case Sample.Chat chat -> EncodedUnit.of(sequences.chat(sequences.render(chat.conversation()),
                    message -> chat.weights().get(message) == 1, limit));
            case Sample.Text text -> EncodedUnit.of(sequences.text(text.text(), limit));
            case Sample.Pair pair -> pair(pair, limit);
            case Sample.Labelled labelled -> labelled(labelled, limit);
        };
    }

    private EncodedUnit pair(Sample.Pair pair, SequenceEncoder.Limit limit) {
        int answer = pair.input().messages().size();
        TrainingText preferred = sequences.render(with(pair.input(), pair.preferred()));
        TrainingText rejected = sequences.render(with(pair.input(), pair.rejected()));
        if (!prompt(preferred, answer).equals(prompt(rejected, answer))) {
            throw refused("the model's template renders the prompt differently before the two outputs.");
        }
        EncodedSample chosen = sequences.chat(preferred, message -> message == answer, limit);
        EncodedSample other = sequences.chat(rejected, message -> message == answer, limit);
        if (chosen.equals(other)) {
            throw refused("preferred_output and non_preferred_output are the same tokens: there is nothing to prefer.");
        }
        return new EncodedUnit(List.of(chosen, other), new int[0]);
    }

    private static Conversation with(Conversation input, Message answer) {
        List<Message> messages = new ArrayList<>(input.messages());
        messages.add(answer);
        return new Conversation(messages, input.tools());
    }

    /** The text before the answer; all of it when the template left the answer out. */
    private static String prompt(TrainingText rendered, int answer) {
        return rendered.spans().stream().filter(span -> span.message() == answer).findFirst()
                .map(span -> rendered.text().substring(0, span.start())).orElse(rendered.text());
    }

    private EncodedUnit labelled(Sample.Labelled sample, SequenceEncoder.Limit limit) {
        EncodedSample encoded = switch (sample.content()) {
            case Sample.Chat chat -> sequences.prompt(chat.conversation(), limit);
            case Sample.Text text -> untargeted(sequences.text(text.text(), limit));
            case Sample.Pair _,Sample.Labelled _ -> throw new IllegalArgumentException("nothing to classify");
        };
        return new EncodedUnit(List.of(encoded), LabelCodes.encode(targets, sample.labels()));
    }

    private static EncodedSample untargeted(EncodedSample sample) {
        return new EncodedSample(sample.tokens(), new float[sample.length()]);
    }
}
