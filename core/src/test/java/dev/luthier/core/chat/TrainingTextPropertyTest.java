package dev.luthier.core.chat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.problem.ProblemException;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Conversations whose texts look like headers, tokens, thoughts and each other never get a wrong span. */
final class TrainingTextPropertyTest {
    private static final long SEED = 20261121;
    private static final List<String> PIECES = List.of("a", "a", "b", " ", "\n", "<|im_end|>",
            "<|im_start|>assistant\n",
            "<think>", "</think>", "<think>\n\n</think>\n\n", "</s>", " </s>", "[/INST]", "[INST] ", "<", ">", "\u00a0",
            "<|eot_id|>", "😀", "assistant", "user", "<|assistant|>\n", "<end_of_turn>\n", "### Response:\n");

    private static Conversation conversation(RandomGenerator random) {
        List<Message> messages = new ArrayList<>();
        int turns = 1 + random.nextInt(3);
        for (int i = 0; i < turns; i++) {
            messages.add(Message.user(text(random)));
            messages.add(Message.assistant(text(random)));
        }
        if (random.nextBoolean()) {
            messages.add(Message.user(text(random)));
        }
        return new Conversation(messages);
    }

    private static String text(RandomGenerator random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(4); i > 0; i--) {
            text.append(PIECES.get(random.nextInt(PIECES.size())));
        }
        return text.toString();
    }

    @Test
    void foundSpansAreThoseOfGenerationBlocks() {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(SEED);
        ChatTemplate plain = Golden.template("chatml");
        ChatTemplate marked = Golden.template("chatml-generation");
        for (int i = 0; i < 300; i++) {
            Conversation conversation = conversation(random);
            assertThat(plain.renderForTraining(conversation)).as("seed %d, round %d: %s", SEED, i, conversation)
                    .isEqualTo(marked.renderForTraining(conversation));
        }
    }

    @ParameterizedTest
    @CsvSource({"llama-2, </s>, true", "llama-3.1, <|eot_id|>, true", "mistral-7b-v0.3, </s>, true",
            "mistral-nemo, </s>, false", "gemma, <end_of_turn>, true", "phi-3, <|end|>, false", "zephyr, </s>, false",
            "olmo-2, </s>, false", "qwen2.5, <|im_end|>, false", "granite-3, <|end_of_text|>, false"})
    void spansHoldTheMessageOrItIsRefused(String name, String end, boolean trims) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(SEED);
        ChatTemplate template = Golden.template(name);
        int refused = 0;
        for (int i = 0; i < 120; i++) {
            Conversation conversation = conversation(random);
            TrainingText training;
            try {
                training = template.renderForTraining(conversation);
            } catch (ProblemException problem) {
                refused++;
                continue;
            }
            for (TrainingText.Span span : training.spans()) {
                String content = String.valueOf(conversation.messages().get(span.message()).content());
                String written = training.text().substring(span.start(), span.end());
                assertThat(trims ? strip(written) : written)
                        .as("%s, seed %d, round %d: %s", name, SEED, i, conversation)
                        .isIn(trims
                                ? List.of(strip(content) + end, strip(content) + " " + end)
                                : List.of(content + end));
            }
        }
        assertThat(refused).isLessThan(12);
    }

    private static String strip(String text) {
        return text.replaceAll("^[\\s\u00a0]+|[\\s\u00a0]+$", "");
    }
}
