package dev.luthier.server.chat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.server.TestServer.Answer;
import dev.luthier.server.serve.FakeWorkers;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** OpenAI's route for models that continue texts. */
class CompletionsTest {
    private static final String ROUTE = "/openai/v1/completions";

    @TempDir
    static Path directory;

    private static ChatRig rig;
    private static Path plain;
    private static Path begun;

    @BeforeAll
    static void start() {
        Path models = directory.resolve("data/models");
        plain = ByteModel.write(models.resolve("plain"), "");
        begun = ByteModel.write(models.resolve("begun"), "");
        ByteModel.beginTexts(begun);
        rig = new ChatRig(directory);
    }

    @AfterAll
    static void stop() {
        rig.close();
    }

    @BeforeEach
    void answer() {
        FakeWorkers.answer(plain, "length", ByteModel.tokens(" day"));
        FakeWorkers.answer(begun, "length", ByteModel.tokens(" day"));
    }

    private static Answer ask(String fields) {
        return rig.server.post(ROUTE, "{\"model\": \"plain\", " + fields + "}");
    }

    private static JsonNode answered(String fields) {
        Answer answer = ask(fields);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.json();
    }

    private static String lastRequest() {
        return FakeWorkers.lastRequest(plain);
    }

    private static String tokens(String text) {
        return Arrays.toString(ByteModel.tokens(text)).replace(" ", "");
    }

    @Test
    void continuesATextWithoutAChatTemplate() {
        JsonNode json = answered("\"prompt\": \"Good\"");
        assertThat(json.propertyNames()).containsExactly("id", "object", "created", "model", "choices", "usage",
                "system_fingerprint");
        assertThat(json.get("id").asString()).matches("cmpl-[0-9A-Za-z]{22}");
        assertThat(json.get("object").asString()).isEqualTo("text_completion");
        assertThat(json.get("choices").toString())
                .isEqualTo("[{\"text\":\" day\",\"index\":0,\"logprobs\":null,\"finish_reason\":\"length\"}]");
        assertThat(json.get("usage").toString())
                .isEqualTo("{\"prompt_tokens\":4,\"completion_tokens\":4,\"total_tokens\":8}");
        assertThat(lastRequest()).contains("\"prompt\":" + tokens("Good"), "\"max_tokens\":16", "\"temperature\":1")
                .doesNotContain("logprobs");
    }

    @Test
    void promptsAreTextsOrTokensOneOrMany() {
        assertThat(answered("\"prompt\": [72, 108]").at("/choices/0/text").asString()).isEqualTo(" day");
        assertThat(lastRequest()).contains("\"prompt\":[72,108]");
        JsonNode many = answered("\"prompt\": [\"a\", \"bc\"], \"n\": 2, \"seed\": 5");
        assertThat(many.get("choices")).extracting(choice -> choice.get("index").intValue())
                .containsExactly(0, 1, 2, 3);
        assertThat(many.at("/usage/prompt_tokens").intValue()).isEqualTo(3);
        assertThat(lastRequest()).contains("\"prompt\":" + tokens("bc"), "\"seed\":6");
        assertThat(answered("\"prompt\": [[5], [6, 7]], \"echo\": true, \"max_tokens\": 0").get("choices"))
                .extracting(choice -> choice.get("text").asString()).hasSize(2);
        answered("\"prompt\": null");
        assertThat(lastRequest()).contains("\"prompt\":[2]");
    }

    @Test
    void theTokenThatBeginsTextsGoesBeforeThem() {
        JsonNode json = rig.server.post(ROUTE, """
                {"model": "begun", "prompt": "ab", "echo": true, "logprobs": 1, "max_tokens": 0}""").json();
        assertThat(json.at("/choices/0/text").asString()).isEqualTo("ab");
        assertThat(json.at("/choices/0/finish_reason").asString()).isEqualTo("length");
        assertThat(json.at("/choices/0/logprobs").toString()).isEqualTo("""
                {"tokens":["<s>","a","b"],"token_logprobs":[null,-1.0,-2.0],\
                "top_logprobs":[null,{"a":-1.0},{"b":-2.0}],"text_offset":[0,0,1]}""");
        rig.server.post(ROUTE, "{\"model\": \"begun\", \"prompt\": [100]}");
        assertThat(FakeWorkers.lastRequest(begun)).as("tokens are used as they are").contains("\"prompt\":[100]");
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void anEchoHasThePromptAndItsLogprobs(boolean stream) {
        FakeWorkers.answer(plain, "stop", ByteModel.ended("é"));
        Answer answer = ask("\"prompt\": \"ü!\", \"echo\": true, \"logprobs\": 2, \"stream\": " + stream);
        List<JsonNode> choices = stream
                ? ChatRig.chunks(answer).stream().map(chunk -> chunk.at("/choices/0")).toList()
                : List.of(answer.json().at("/choices/0"));
        assertThat(choices.stream().map(choice -> choice.get("text").asString()).collect(Collectors.joining()))
                .isEqualTo("ü!é");
        assertThat(choices.getLast().get("finish_reason").asString()).isEqualTo("stop");
        for (String list : List.of("tokens", "token_logprobs", "top_logprobs", "text_offset")) {
            String expected = switch (list) {
                case "tokens" -> "[\"bytes:\\\\xc3\",\"bytes:\\\\xbc\",\"!\",\"bytes:\\\\xc3\",\"bytes:\\\\xa9\"]";
                case "token_logprobs" -> "[null,-1.0,-2.0,-0.5,-0.5]";
                case "text_offset" -> "[0,0,1,2,2]";
                default -> """
                        [null,{"bytes:\\\\xbc":-1.0,"bytes:\\\\xbd":-1.5},{"!":-2.0,"\\"":-2.5},\
                        {"bytes:\\\\xc3":-0.5,"bytes:\\\\xc4":-1.0},{"bytes:\\\\xa9":-0.5,"bytes:\\\\xaa":-1.0}]""";
            };
            assertThat(choices.stream().flatMap(choice -> choice.at("/logprobs/" + list).valueStream())
                    .map(JsonNode::toString).collect(Collectors.joining(",", "[", "]"))).isEqualTo(expected);
        }
        if (stream) {
            assertThat(choices.getFirst().get("text").asString()).isEqualTo("ü!");
        }
    }

    @Test
    void offsetsCountFromThePromptWithoutAnEchoToo() {
        JsonNode logprobs = answered("\"prompt\": \"Good\", \"logprobs\": 0").at("/choices/0/logprobs");
        assertThat(logprobs.get("text_offset").toString()).isEqualTo("[4,5,6,7]");
        assertThat(logprobs.get("top_logprobs").toString())
                .isEqualTo("[{\" \":-0.5},{\"d\":-0.5},{\"a\":-0.5},{\"y\":-0.5}]");
    }

    @Test
    void theBestAreTheLikeliestPerToken() {
        FakeWorkers.write(plain, "answer-8.json", answer("unlikely", -3));
        FakeWorkers.write(plain, "answer-9.json", answer("best", -0.1));
        FakeWorkers.write(plain, "answer-10.json", answer("second, and longer than the best", -0.2));
        JsonNode json = answered("\"prompt\": \"x\", \"seed\": 8, \"best_of\": 3, \"n\": 2");
        assertThat(json.get("choices")).extracting(choice -> choice.get("text").asString()).containsExactly("best",
                "second, and longer than the best");
        assertThat(json.get("choices")).allMatch(choice -> choice.get("logprobs").isNull());
        assertThat(json.at("/usage/completion_tokens").intValue()).as("of all three").isEqualTo(8 + 4 + 32);
    }

    private static String answer(String text, double logprob) {
        return "{\"token_ids\": " + tokens(text) + ", \"finish_reason\": \"length\", \"logprob\": " + logprob + "}";
    }

    @Test
    void streamsTextAndAUsageOfItsOwn() {
        List<JsonNode> chunks = ChatRig.chunks(
                ask("\"prompt\": \"Good\", \"stream\": true, \"stream_options\": {\"include_usage\": true}"));
        assertThat(chunks.getFirst().get("object").asString()).isEqualTo("text_completion");
        assertThat(chunks.getFirst().get("choices").toString())
                .isEqualTo("[{\"text\":\" \",\"index\":0,\"logprobs\":null,\"finish_reason\":null}]");
        assertThat(chunks.get(chunks.size() - 2).at("/choices/0/finish_reason").asString()).isEqualTo("length");
        assertThat(chunks.getLast().get("choices")).isEmpty();
        assertThat(chunks.getLast().at("/usage/total_tokens").intValue()).isEqualTo(8);
    }

    @Test
    void whatStopsAnAnswerIsNotPartOfIt() {
        FakeWorkers.answer(plain, "stop", ByteModel.ended("one. two"));
        JsonNode choice = answered("\"prompt\": \"x\", \"stop\": \".\", \"logprobs\": 1").at("/choices/0");
        assertThat(choice.get("text").asString()).isEqualTo("one");
        assertThat(choice.get("finish_reason").asString()).isEqualTo("stop");
        assertThat(choice.at("/logprobs/tokens")).hasSize(3);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "prompt": 5                                  | prompt         | must be a string
            "prompt": []                                 | prompt         | must be a string
            "prompt": ["a", 5]                           | prompt[1]      | must be a string
            "prompt": [5, "a"]                           | prompt[1]      | whole number
            "prompt": [[5], []]                          | prompt[1]      | at least one
            "prompt": [-1]                               | prompt[0]      | at least 0
            "prompt": [259]                              | prompt         | 0 to 258
            "prompt": "x", "max_tokens": -1              | max_tokens     | at least 0
            "prompt": "x", "logprobs": 6                 | logprobs       | at most 5
            "prompt": "x", "logprobs": true              | logprobs       | whole number
            "prompt": "x", "best_of": 21                 | best_of        | at most 20
            "prompt": "x", "best_of": 2, "n": 3          | best_of        | at least n
            "prompt": "x", "best_of": 2, "stream": true  | best_of        | stream
            "prompt": ["x", "y"], "n": 65                | prompt         | 128
            "prompt": "x", "suffix": "y"                 | suffix         | not built
            "prompt": "x", "temperature": 3              | temperature    | at most 2
            "prompt": "x", "logit_bias": {"500": 1}      | logit_bias     | 0 to 258
            "prompt": "x", "max_completion_tokens": 5    | max_completion_tokens | unknown
            "prompt": "x", "echo": "yes"                 | echo           | true or false
            """)
    void fieldsThatCannotBeUsedAreNamed(String fields, String param, String message) {
        Answer answer = ask(fields);
        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        assertThat(answer.json().at("/error/param").asString()).isEqualTo(param);
        assertThat(answer.json().at("/error/message").asString()).contains(message);
    }

    @Test
    void everyFieldOfTheDocumentIsRead() {
        answered(
                """
                        "prompt": "x", "best_of": 1, "echo": false, "frequency_penalty": 0.5, "logit_bias": {"5": -1},
                        "logprobs": null, "max_tokens": 3, "n": 1, "presence_penalty": 0.25, "seed": 7, "stop": ["a", "b"],
                        "stream": false, "stream_options": null, "suffix": null, "temperature": 0, "top_p": 0.5, "user": "u\"""");
        assertThat(lastRequest()).contains("\"frequency_penalty\":0.5", "\"presence_penalty\":0.25", "\"seed\":7",
                "\"max_tokens\":3", "\"temperature\":0", "\"top_p\":0.5", "\"logit_bias\":{\"5\":-1.0}");
    }

    @Test
    void modelsAndPromptsThatCannotBeUsedAreToldAsOpenAiDoes() {
        Answer unknown = rig.server.post(ROUTE, "{\"model\": \"nobody\", \"prompt\": \"x\"}");
        assertThat(unknown.status()).isEqualTo(404);
        assertThat(unknown.json().at("/error/code").asString()).isEqualTo("model_not_found");
        Answer full = ask("\"prompt\": \"" + "x".repeat(256) + "\"");
        assertThat(full.status()).isEqualTo(400);
        assertThat(full.json().at("/error/code").asString()).isEqualTo("context_length_exceeded");
        assertThat(full.json().at("/error/param").asString()).isEqualTo("prompt");
    }

    @Test
    void theBareAddressIsOpenAis() {
        assertThat(rig.server.post("/v1/completions", "{\"model\": \"plain\", \"prompt\": \"x\"}").status())
                .isEqualTo(200);
    }
}
