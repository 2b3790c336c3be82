package dev.luthier.server.chat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.server.TestServer.Answer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** No prompt, tokenizer or chat template stops the service: each gets its answer, and the next request too. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostilePromptsTest {
    /** Gives up after ten million steps, within the library. */
    private static final String ABORTING = "(a+)+b|.";
    /** Never gives up: each place of a run takes some million steps. */
    private static final String SLOW = "a*a*a*b|.";

    private ChatRig rig;

    @BeforeAll
    void start(@TempDir Path directory) {
        Path models = directory.resolve("data/models");
        ByteModel.splitTexts(ByteModel.write(models.resolve("aborting"), ChatRig.TEMPLATE), ABORTING);
        ByteModel.splitTexts(ByteModel.write(models.resolve("slow"), ChatRig.TEMPLATE), SLOW);
        ByteModel.write(models.resolve("greedy"),
                "{% for i in range(90000) %}{% for j in range(90000) %}{{ 'x' * 40 }}{% endfor %}{% endfor %}");
        rig = new ChatRig(directory, "--serve.prompt-seconds", "3");
        rig.says("Hello");
    }

    @AfterAll
    void stop() {
        rig.close();
    }

    private static String body(String model, String content) {
        return "{\"model\": \"" + model + "\", \"messages\": [{\"role\": \"user\", \"content\": \"" + content + "\"}]}";
    }

    private void assertServiceGoesOn() {
        assertThat(rig.ask("").status()).isEqualTo(200);
    }

    private static void assertTooLong(Answer answer) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        assertThat(answer.text()).contains("context_length_exceeded").contains("at least").contains("256 tokens");
    }

    @ParameterizedTest
    @CsvSource({ChatRig.CHAT, ChatRig.OPENAI_CHAT})
    void aMessageOfTwoMegabytesIsTooLongForTheContext(String route) {
        assertTooLong(rig.server.post(route, body("bytes", "long word ".repeat(200_000))));
        assertServiceGoesOn();
    }

    @Test
    void severalLongMessagesAtOnceAreTooLongForTheContext() throws Exception {
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Answer>> answers = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                answers.add(clients
                        .submit(() -> rig.server.post(ChatRig.OPENAI_CHAT, body("bytes", "é".repeat(250_000)))));
            }
            for (Future<Answer> answer : answers) {
                assertTooLong(answer.get());
            }
        }
        assertServiceGoesOn();
    }

    @Test
    void aTextPromptOfTwoMegabytesIsTooLongForTheContext() {
        assertTooLong(rig.server.post("/openai/v1/completions",
                "{\"model\": \"bytes\", \"prompt\": \"" + "x".repeat(2_000_000) + "\"}"));
        assertServiceGoesOn();
    }

    @Test
    void aTokenizerThatAbortsItsProcessFailsItsRequestOnly() {
        Answer answer = rig.server.post(ChatRig.OPENAI_CHAT, body("aborting", "a".repeat(60)));
        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        assertThat(answer.text()).contains("untokenizable_text")
                .contains("a regular expression of its tokenizer.json takes too many steps");
        assertServiceGoesOn();
        assertThat(rig.server.post(ChatRig.OPENAI_CHAT, body("aborting", "xyz")).text())
                .doesNotContain("untokenizable_text");
    }

    @Test
    void aTokenizerThatDoesNotFinishFailsItsRequestOnly() {
        Answer answer = rig.server.post(ChatRig.OPENAI_CHAT, body("slow", ("a".repeat(380) + "c").repeat(3)));
        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        assertThat(answer.text()).contains("The tokenizer of slow did not finish within 3 s");
        assertServiceGoesOn();
    }

    @Test
    void aTemplateThatMakesEndlessTextFailsItsRequestOnly() {
        Answer answer = rig.server.post(ChatRig.OPENAI_CHAT, body("greedy", "Hi"));
        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        assertThat(answer.text()).containsAnyOf("The template makes a text of more than", "more than 20000000 steps",
                "The chat template of greedy did not finish");
        assertServiceGoesOn();
    }
}
