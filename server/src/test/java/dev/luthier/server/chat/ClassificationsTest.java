package dev.luthier.server.chat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.json.Json;
import dev.luthier.core.safetensors.SafetensorsWriter;
import dev.luthier.server.TestServer.Answer;
import dev.luthier.server.serve.FakeWorkers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** The classification routes with a classifier that was added from a directory. */
class ClassificationsTest {
    private static final String TEXTS = "/mistral/v1/classifications";
    private static final String CHATS = "/mistral/v1/chat/classifications";

    @TempDir
    static Path directory;

    private static ChatRig rig;
    private static String name;

    @BeforeAll
    static void start() throws IOException {
        rig = new ChatRig(directory);
        ByteModel.beginTexts(rig.model);
        FakeWorkers.scores(rig.model, 0.25, 0.75);
        Answer added = rig.server.post("/luthier/v1/models", Json.write(
                Json.MAPPER.createObjectNode().put("path", classifier().toString()).put("base", "bytes")));
        assertThat(added.status()).as(added.text()).isEqualTo(200);
        name = added.json().get("id").asString();
    }

    @AfterAll
    static void stop() {
        rig.close();
    }

    /** An adapter of rank 2 on one layer with the head of a classifier, as PEFT saves it. */
    private static Path classifier() throws IOException {
        Path adapter = Files.createDirectories(directory.resolve("adapter"));
        Files.writeString(adapter.resolve("adapter_config.json"), """
                {"peft_type": "LORA", "task_type": "SEQ_CLS", "r": 2, "lora_alpha": 4, "lora_dropout": 0.0,
                 "bias": "none", "target_modules": ["q_proj"], "modules_to_save": ["score"],
                 "base_model_name_or_path": "bytes"}""");
        Files.writeString(adapter.resolve("classifier.json"), """
                {"version": 1, "targets": [{"name": "spam", "labels": ["yes", "no"], "loss_function": "single_class",
                 "temperature": 1.5}]}""");
        String layer = "base_model.model.model.layers.0.self_attn.q_proj.";
        SafetensorsWriter weights = new SafetensorsWriter();
        weights.add(layer + "lora_A.weight", List.of(2L, 12L), new float[24]);
        weights.add(layer + "lora_B.weight", List.of(12L, 2L), new float[24]);
        weights.add("base_model.model.score.weight", List.of(2L, 12L), new float[24]);
        weights.write(adapter.resolve("adapter_model.safetensors"));
        return adapter;
    }

    private static Answer classify(String route, String model, String input) {
        return rig.server.post(route, "{\"model\": \"" + model + "\", \"input\": " + input + "}");
    }

    /** What the worker was last asked to classify, as text. */
    private static List<String> lastInputs() {
        return Json.parse(FakeWorkers.lastClassification(rig.model)).get("inputs").valueStream().map(ChatRig::text)
                .toList();
    }

    @Test
    void aDirectoryWithAHeadIsAClassifier() {
        assertThat(name).startsWith("ft:classifier:bytes:");
        JsonNode card = rig.server.get("/mistral/v1/models/" + name).json();
        assertThat(card.path("capabilities").path("classification").booleanValue()).isTrue();
        assertThat(rig.data.resolve("adapters")).isDirectoryRecursivelyContaining("glob:**/classifier.json");
    }

    @Test
    void aTextIsEncodedAsInTrainingAndGetsAResult() {
        Answer answer = classify(TEXTS, name, "\"Hi\"");
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.json().get("id").stringValue()).matches("[0-9a-f]{32}");
        assertThat(answer.json().get("model").stringValue()).isEqualTo(name);
        assertThat(answer.json().get("results"))
                .isEqualTo(Json.parse("[{\"spam\": {\"scores\": {\"yes\": 0.25, \"no\": 0.75}}}]"));
        assertThat(lastInputs()).containsExactly("<1>Hi</s>");
    }

    @Test
    void aConversationIsEncodedUpToTheStartOfAnAnswerWhoeverSpokeLast() {
        Answer answer = classify(CHATS, name, """
                [{"messages": [{"role": "user", "content": "a"}]},
                 {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}]""");
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.json().get("results")).hasSize(2);
        assertThat(lastInputs()).containsExactly("[user]a</s>[assistant]", "[user]a</s>[assistant]b</s>[assistant]");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {"[] | must hold at least one input",
            "\"\" | input must not be empty", "[\"a\", \"\"] | input[1] must not be empty",
            "7 | input must be a string", "null | input is missing", "\"a\", \"inputs\": [] | inputs is unknown"})
    void faultsOfTextsAreListed(String input, String message) {
        Answer answer = classify(TEXTS, name, input);
        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.json().get("detail").isArray()).isTrue();
        assertThat(answer.json().get("detail").get(0).get("msg").stringValue()).contains(message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {"[] | must hold at least one input",
            "\"text\" | input must be an object", "{} | input.messages is missing",
            "{\"messages\": []} | messages must hold at least one message",
            "[{\"messages\": [{\"role\": \"assistant\", \"content\": \"a\", \"prefix\": true}]}] | prefix: true",
            "{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}], \"tools\": []} | tools is unknown"})
    void faultsOfConversationsAreListed(String input, String message) {
        Answer answer = classify(CHATS, name, input);
        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.json().get("detail").get(0).get("msg").stringValue()).contains(message);
    }

    @Test
    void moreThan1024InputsAreTooMany() {
        Answer answer = classify(TEXTS, name, Json.write(Collections.nCopies(1025, "a")));
        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.json().get("message").stringValue()).contains("at most 1024 inputs, not 1025");
    }

    @Test
    void anInputThatIsTooLongIsRefusedWithBothNumbers() {
        String long300 = "\"" + "a".repeat(300) + "\"";
        Answer one = classify(TEXTS, name, long300);
        assertThat(one.status()).isEqualTo(400);
        assertThat(one.json().get("message").stringValue()).isEqualTo(
                "The input cannot be classified: the sample has 302 tokens; at most 256 are possible. Shorten or split it.");
        Answer second = classify(TEXTS, name, "[\"a\", " + long300 + "]");
        assertThat(second.status()).isEqualTo(400);
        assertThat(second.json().get("message").stringValue()).startsWith("input[1]: The input cannot be classified");
    }

    @Test
    void aModelThatWritesTextIsNoClassifier() {
        Answer answer = classify(TEXTS, "bytes", "\"Hi\"");
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().get("object").stringValue()).isEqualTo("error");
        assertThat(answer.json().get("message").stringValue()).isEqualTo("Model bytes is not a classifier.");
        assertThat(classify(CHATS, "nobody", "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}").status())
                .isEqualTo(400);
    }
}
