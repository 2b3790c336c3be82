package dev.luthier.core.data;

import dev.luthier.core.json.Json;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** Forms of samples that other programs train from, and that mean a conversation. */
enum SampleForm {
    SHARE_GPT("ShareGPT's form (conversations with from and value)", "conversations conversation",
            ""),
    ALPACA("Alpaca's form (instruction, input, output)", "instruction",
            "output response completion answer"),
    PROMPT_COMPLETION("a prompt and its completion", "prompt",
            "completion response output answer"),
    QUESTION_ANSWER("a question and its answer", "question query",
            "answer response output"),
    INPUT_OUTPUT("an input and its output", "input", "output response");

    private static final int SHOWN_CHARS = 160;

    private final String description;
    /** Names of keys, separated by spaces. */
    private final String questions;
    private final String answers;

    SampleForm(String description, String questions, String answers) {
        this.description = description;
        this.questions = questions;
        this.answers = answers;
    }

    /** The form of an object; empty when it is none of these, or has messages already. */
    static Optional<SampleForm> of(JsonNode sample) {
        if (!sample.isObject() || sample.hasNonNull("messages") || sample.hasNonNull("interactions")) {
            return Optional.empty();
        }
        return Stream.of(values()).filter(form -> form.questionKey(sample).isPresent()
                && (form.answers.isEmpty() || form.answerKey(sample).isPresent())).findFirst();
    }

    /** Whether a table with these columns holds such samples. */
    static boolean isTable(Set<String> columns) {
        return columns.contains("text") || columns.contains("messages") || Stream.of(values())
                .anyMatch(form -> names(form.questions).anyMatch(columns::contains)
                        && names(form.answers).anyMatch(columns::contains));
    }

    private static Stream<String> names(String keys) {
        return Stream.of(keys.split(" ")).filter(key -> !key.isEmpty());
    }

    Optional<String> questionKey(JsonNode sample) {
        return names(questions).filter(sample::hasNonNull).findFirst();
    }

    Optional<String> answerKey(JsonNode sample) {
        return names(answers).filter(sample::hasNonNull).findFirst();
    }

    /** What a line of this form is told: the form, and the line as a conversation. */
    String explain(JsonNode sample) {
        String shown;
        try {
            String text = Json.write(ConversationMaker.convert(sample, this));
            shown = "As a conversation it is "
                    + (text.length() > SHOWN_CHARS ? text.substring(0, SHOWN_CHARS) + "…" : text);
        } catch (ConversationMaker.CannotConvertException e) {
            shown = "It cannot be made a conversation: " + e.getMessage();
        }
        return "this is " + description + ". " + shown + (shown.endsWith(".") ? " " : ". ") + FileForm.HOW_TO_CONVERT;
    }
}
