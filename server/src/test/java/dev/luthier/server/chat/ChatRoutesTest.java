package dev.luthier.server.chat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.json.Json;
import dev.luthier.server.Eventually;
import dev.luthier.server.TestServer.Answer;
import dev.luthier.server.contract.OfficialDocument;
import dev.luthier.server.serve.FakeWorkers;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
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
import tools.jackson.databind.node.ObjectNode;

class ChatRoutesTest {
    private static final String PROMPT = "[user]Hi</s>[assistant]";

    @TempDir
    static Path directory;

    private static ChatRig rig;
    private static Path caller;

    @BeforeAll
    static void start() {
        Path models = directory.resolve("data/models");
        ByteModel.write(models.resolve("plain"), "");
        ByteModel.write(models.resolve("strict"), "{{ raise_exception('Roles must alternate') }}");
        caller = ByteModel.write(models.resolve("caller"), """
                {%- for tool in tools or [] -%}{{ tool | tojson }}{%- endfor -%}
                {%- for message in messages -%}[{{ message['role'] }}]{{ message['content'] }}</s>{%- endfor -%}
                {#- the model answers with [TOOL_CALLS] -#}""");
        rig = new ChatRig(directory);
    }

    @AfterAll
    static void stop() {
        rig.close();
    }

    @BeforeEach
    void answer() {
        rig.says("Good day");
    }

    /** The document wants a field {@code data} that neither its own examples nor the service have. */
    private static void assertCompletion(JsonNode completion) {
        ObjectNode checked = ((ObjectNode) completion.deepCopy()).put("data", "");
        assertThat(OfficialDocument.MISTRAL.faults("ChatCompletionResponse", checked)).isEmpty();
    }

    private static String text(List<JsonNode> chunks) {
        return chunks.stream().map(chunk -> chunk.at("/choices/0/delta/content").asString(""))
                .collect(Collectors.joining());
    }

    @Test
    void answersAConversation() {
        Answer answer = rig.ask("");
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        JsonNode json = answer.json();
        assertCompletion(json);
        assertThat(json.at("/choices/0/message").toString()).isEqualTo(
                "{\"role\":\"assistant\",\"content\":\"Good day\",\"tool_calls\":null,\"prefix\":false}");
        assertThat(json.at("/choices/0/finish_reason").asString()).isEqualTo("stop");
        // "Hi" with [user], [assistant] and the end token; eight letters and the end token.
        assertThat(json.get("usage").toString())
                .isEqualTo("{\"prompt_tokens\":20,\"completion_tokens\":9,\"total_tokens\":29}");
        assertThat(rig.lastPrompt()).isEqualTo(PROMPT);
        assertThat(rig.lastRequest().get("stop_token_ids").toString()).isEqualTo("[2]");
    }

    @Test
    void streamsChunksThatTheDocumentAllows() {
        rig.says("Grüße 🐟!");
        Answer answer = rig.ask("\"stream\": true");
        assertThat(answer.headers().getOrDefault("content-type", List.of())).singleElement().asString()
                .startsWith("text/event-stream");
        List<JsonNode> chunks = ChatRig.chunks(answer);
        for (JsonNode chunk : chunks) {
            assertThat(OfficialDocument.MISTRAL.faults("CompletionChunk", chunk)).isEmpty();
            assertThat(chunk.get("choices")).hasSize(1);
            assertThat(chunk.at("/choices/0").has("finish_reason")).isTrue();
        }
        assertThat(chunks.getFirst().at("/choices/0/delta/role").asString()).isEqualTo("assistant");
        assertThat(text(chunks)).isEqualTo("Grüße 🐟!");
        assertThat(chunks).noneMatch(chunk -> chunk.toString().contains("\uFFFD"));
        assertThat(chunks.subList(0, chunks.size() - 1))
                .allMatch(chunk -> chunk.at("/choices/0/finish_reason").isNull() && !chunk.has("usage"));
        assertThat(chunks.getLast().at("/choices/0/finish_reason").asString()).isEqualTo("stop");
        assertThat(chunks.getLast().at("/usage/completion_tokens").intValue())
                .isEqualTo(ByteModel.ended("Grüße 🐟!").length);
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void aStopStringEndsTheAnswerAndIsNotPartOfIt(boolean stream) {
        rig.says("one, two, three");
        Answer answer = rig.ask("\"stop\": [\"four\", \", th\"], \"stream\": " + stream);
        String text = stream
                ? text(ChatRig.chunks(answer))
                : answer.json().at("/choices/0/message/content").asString();
        assertThat(text).isEqualTo("one, two");
        JsonNode last = stream ? ChatRig.chunks(answer).getLast() : answer.json();
        assertThat(last.at("/choices/0/finish_reason").asString()).isEqualTo("stop");
        assertThat(last.at("/usage/completion_tokens").intValue()).isEqualTo("one, two, th".length());
        assertThat(rig.ask("\"stop\": \"ne\"").json().at("/choices/0/message/content").asString()).isEqualTo("o");
    }

    @Test
    void theReasonTellsTheRequestsLimitFromTheModels() {
        FakeWorkers.answer(rig.model, "length", ByteModel.tokens("Good"));
        assertThat(rig.ask("\"max_tokens\": 4").json().at("/choices/0/finish_reason").asString()).isEqualTo("length");
        assertThat(rig.lastRequest().get("max_tokens").intValue()).isEqualTo(4);
        assertThat(rig.ask("").json().at("/choices/0/finish_reason").asString()).isEqualTo("model_length");
        assertThat(rig.lastRequest().get("max_tokens").intValue()).isEqualTo(256 - 20);
        assertThat(ChatRig.chunks(rig.ask("\"stream\": true")).getLast().at("/choices/0/finish_reason").asString())
                .isEqualTo("length");
        JsonNode nothing = rig.ask("\"max_tokens\": 0").json();
        assertCompletion(nothing);
        assertThat(nothing.at("/usage/completion_tokens").intValue()).isZero();
    }

    @Test
    void samplingIsTheRequestsElseTheDocumentedDefault() {
        rig.ask("");
        assertThat(rig.lastRequest().get("temperature").doubleValue()).isEqualTo(0.7);
        assertThat(rig.lastRequest().get("top_p").doubleValue()).isEqualTo(1);
        assertThat(rig.lastRequest().has("seed")).isFalse();
        rig.ask("\"temperature\": 0, \"top_p\": 0.5, \"random_seed\": 9, \"presence_penalty\": 1.5");
        assertThat(rig.lastRequest().get("temperature").doubleValue()).isZero();
        assertThat(rig.lastRequest().get("top_p").doubleValue()).isEqualTo(0.5);
        assertThat(rig.lastRequest().get("seed").intValue()).isEqualTo(9);
        assertThat(rig.lastRequest().get("presence_penalty").doubleValue()).isEqualTo(1.5);
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void severalChoicesAreSeveralAnswersWithSeedsOfTheirOwn(boolean stream) {
        Answer answer = rig.ask("\"n\": 3, \"random_seed\": 5, \"stream\": " + stream);
        assertThat(rig.lastRequest().get("seed").intValue()).isEqualTo(7);
        JsonNode last = stream ? ChatRig.chunks(answer).getLast() : answer.json();
        assertThat(last.at("/usage").toString())
                .isEqualTo("{\"prompt_tokens\":20,\"completion_tokens\":27,\"total_tokens\":47}");
        if (stream) {
            assertThat(ChatRig.chunks(answer)).filteredOn(chunk -> !chunk.at("/choices/0/finish_reason").isNull())
                    .extracting(chunk -> chunk.at("/choices/0/index").intValue()).containsExactlyInAnyOrder(0, 1, 2);
        } else {
            assertCompletion(answer.json());
            assertThat(answer.json().get("choices")).hasSize(3)
                    .allMatch(choice -> choice.at("/message/content").asString().equals("Good day"));
        }
    }

    @Test
    void anAssistantsPrefixIsContinued() {
        Answer answer = rig.server.post(ChatRig.CHAT, """
                {"model": "bytes", "messages": [{"role": "user", "content": "Hi"},
                 {"role": "assistant", "content": "Well, ", "prefix": true}]}""");
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(rig.lastPrompt()).isEqualTo("[user]Hi</s>[assistant]Well, ");
    }

    @Test
    void textChunksAreOneText() {
        rig.server.post(ChatRig.CHAT, """
                {"model": "bytes", "messages": [{"role": "system", "content": "S"}, {"role": "user", "content":
                 [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}]}""");
        assertThat(rig.lastPrompt()).isEqualTo("[system]S</s>[user]ab</s>[assistant]");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "temperature": 1.6                                     | temperature          | at most 1.5
            "temperature": "hot"                                   | temperature          | must be a number
            "top_p": 0                                             | top_p                | more than 0
            "max_tokens": -1                                       | max_tokens           | at least 0
            "random_seed": -1                                      | random_seed          | at least 0
            "n": 0                                                 | n                    | at least 1
            "n": 17                                                | n                    | at most 16
            "frequency_penalty": 3                                 | frequency_penalty    | at most 2
            "stop": [""]                                           | stop,0               | must not be empty
            "stop": 5                                              | stop                 | must be
            "stream": "yes"                                        | stream               | true or false
            "temprature": 1                                        | temprature           | temperature
            "seed": 1                                              | seed                 | unknown
            "response_format": {"type": "json_object"}             | response_format,type | not built
            "tool_choice": "any"                                   | tool_choice          | not built
            "tool_choice": "required"                              | tool_choice          | not built
            "tool_choice": {"type": "function", "function": {"name": "f"}} | tool_choice  | not built
            "tools": [{"type": "web_search"}]                      | tools,0,type         | not built
            "tools": [{"type": "function"}]                        | tools,0,function     | missing
            "safe_prompt": true                                    | safe_prompt          | not built
            "parallel_tool_calls": false                           | parallel_tool_calls  | not built
            "prediction": {"type": "content", "content": "x"}      | prediction,content   | not built
            "reasoning_effort": "high"                             | reasoning_effort     | not built
            "prompt_mode": "reasoning"                             | prompt_mode          | not built
            "guardrails": [{}]                                     | guardrails           | not built
            """)
    void fieldsThatCannotBeUsedAreNamed(String more, String location, String message) {
        assertFault(rig.ask(more), location, message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            []                                                     | messages             | at least one
            5                                                      | messages             | must be a list
            [{"role": "asistant", "content": "x"}]                 | messages,0,role      | assistant
            [{"role": "user"}]                                     | messages,0,content   | missing
            [{"role": "user", "content": 5}]                       | messages,0,content   | string or a list
            [{"role": "user", "content": "x", "weight": 1}]        | messages,0,weight    | unknown
            [{"role": "user", "content": [{"type": "image_url", "image_url": "x"}]}] | messages,0,content,0,type | not built
            [{"role": "assistant", "content": "x"}]                | messages,0,role      | last message
            [{"role": "system", "content": "x"}]                   | messages,0,role      | last message
            [{"role": "assistant", "content": "x", "prefix": true}, {"role": "user", "content": "y"}] | messages,0,prefix | last
            [{"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": "x"}}]}, {"role": "tool", "content": "1"}] | messages,0,tool_calls,0,function,arguments | JSON object
            """)
    void messagesThatCannotBeUsedAreNamed(String messages, String location, String message) {
        assertFault(rig.server.post(ChatRig.CHAT, "{\"model\": \"bytes\", \"messages\": " + messages + "}"), location,
                message);
    }

    private static void assertFault(Answer answer, String location, String message) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(422);
        JsonNode error = answer.json();
        assertThat(OfficialDocument.MISTRAL.faults("HTTPValidationError", error)).isEmpty();
        assertThat(error.get("detail").valueStream().map(entry -> String.join(",",
                entry.get("loc").valueStream().skip(1).map(JsonNode::asString).toList()))).contains(location);
        assertThat(error.get("message").asString()).contains(message);
        assertThat(error.get("code").intValue()).isEqualTo(422);
    }

    @Test
    void fieldsThatChangeNothingAreAccepted() {
        assertThat(rig.ask("""
                "metadata": {"a": 1}, "prompt_cache_key": "k", "user": "u", "safety_identifier": "s", "store": false,
                "service_tier": "auto", "safe_prompt": false, "parallel_tool_calls": true, "tool_choice": "auto",
                "tools": null, "stop": null, "temperature": null, "response_format": {"type": "text"},
                "prediction": {"type": "content", "content": ""}, "guardrails": [], "prompt_mode": null, "n": null
                """).status()).isEqualTo(200);
    }

    @Test
    void modelsThatCannotAnswerAreNamed() {
        Answer unknown = rig.server.post(ChatRig.CHAT, ChatRig.body("nobody", ""));
        assertThat(unknown.status()).isEqualTo(400);
        assertThat(unknown.json().get("type").asString()).isEqualTo("invalid_model");
        assertThat(unknown.json().get("message").asString()).startsWith("Invalid model: nobody");

        Answer plain = rig.server.post(ChatRig.CHAT, ChatRig.body("plain", ""));
        assertThat(plain.status()).isEqualTo(422);
        assertThat(plain.json().get("message").asString()).contains("no chat template");
    }

    @Test
    void aliasesAreAnsweredUnderTheNameThatWasAsked() {
        JsonNode json = rig.server.post(ChatRig.CHAT, ChatRig.body("open-mistral-7b", "")).json();
        assertThat(json.get("model").asString()).isEqualTo("open-mistral-7b");
    }

    @Test
    void aPromptThatFillsTheContextIsRefusedWithTheNumbers() {
        Answer answer = rig.server.post(ChatRig.CHAT, "{\"model\": \"bytes\", \"messages\": [{\"role\": \"user\", "
                + "\"content\": \"" + "x".repeat(300) + "\"}]}");
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().get("type").asString()).isEqualTo("context_length_exceeded");
        assertThat(answer.json().get("message").asString()).contains("318 tokens").contains("256");
    }

    @Test
    void aTemplatesRefusalIsPassedOn() {
        Answer answer = rig.server.post(ChatRig.CHAT, ChatRig.body("strict", ""));
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().get("message").asString()).contains("Roles must alternate");
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void toolCallsAreFoundInTheAnswer(boolean stream) {
        int[] call = ByteModel.ended(" [{\"name\": \"dim\", \"arguments\": {\"value\": 30}}]");
        int[] tokens = new int[call.length + 1]; // the special token comes first
        System.arraycopy(call, 0, tokens, 1, call.length);
        FakeWorkers.answer(caller, "stop", tokens);
        String tools = """
                "tools": [{"type": "function", "function": {"name": "dim", "parameters": {"type": "object"}}}]""";
        Answer answer = rig.server.post(ChatRig.CHAT, ChatRig.body("caller", tools + ", \"stream\": " + stream));
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        JsonNode choice = stream ? ChatRig.chunks(answer).getLast().at("/choices/0") : answer.json().at("/choices/0");
        JsonNode message = stream ? choice.get("delta") : choice.get("message");
        if (stream) {
            assertThat(OfficialDocument.MISTRAL.faults("CompletionChunk", ChatRig.chunks(answer).getLast())).isEmpty();
            assertThat(text(ChatRig.chunks(answer))).isEmpty();
        } else {
            assertCompletion(answer.json());
            assertThat(message.get("content").isNull()).isTrue();
        }
        assertThat(choice.get("finish_reason").asString()).isEqualTo("tool_calls");
        assertThat(message.at("/tool_calls/0/id").asString()).matches("[A-Za-z0-9]{9}");
        assertThat(message.at("/tool_calls/0/function").toString())
                .isEqualTo("{\"name\":\"dim\",\"arguments\":\"{\\\"value\\\":30}\"}");

        JsonNode without = rig.server.post(ChatRig.CHAT, ChatRig.body("caller", tools + ", \"tool_choice\": \"none\""))
                .json();
        assertThat(without.at("/choices/0/finish_reason").asString()).isEqualTo("stop");
        assertThat(FakeWorkers.lastRequest(caller)).doesNotContain("\"prompt\":[126"); // no tool was shown
    }

    @Test
    void aWorkerThatDiesInTheMiddleIsReplacedUnseenOrEndsTheStreamWithAnError() {
        FakeWorkers.write(rig.model, "crash", "3");
        assertThat(rig.ask("").json().at("/choices/0/message/content").asString()).isEqualTo("Good day");
        FakeWorkers.write(rig.model, "crash", "3");
        List<JsonNode> chunks = ChatRig.chunks(rig.ask("\"stream\": true"));
        assertThat(text(chunks)).isEqualTo("Goo");
        assertThat(chunks.getLast().at("/choices/0/finish_reason").asString()).isEqualTo("error");
        assertThat(OfficialDocument.MISTRAL.faults("CompletionChunk", chunks.getLast())).isEmpty();
        FakeWorkers.write(rig.model, "crash-always", "0");
        try {
            Answer answer = rig.ask("");
            assertThat(answer.status()).as(answer.text()).isEqualTo(503);
            assertThat(answer.headers()).containsKey("retry-after");
        } finally {
            rig.model.resolve("crash-always").toFile().delete();
        }
        assertThat(rig.ask("").status()).isEqualTo(200);
    }

    @Test
    void aClientThatLeavesCancelsItsGeneration() throws Exception {
        FakeWorkers.write(rig.model, "answer.json",
                "{\"token_ids\": [74], \"finish_reason\": \"stop\", \"endless\": true}");
        long before = cancelled();
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest request = HttpRequest.newBuilder(URI.create(rig.server.server().url() + ChatRig.CHAT))
                    .header("Authorization", "Bearer " + rig.server.key()).header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString(ChatRig.body("bytes", "\"stream\": true"))).build();
            try (InputStream body = client.send(request, BodyHandlers.ofInputStream()).body()) {
                assertThat(body.readNBytes(500)).hasSize(500);
            }
        }
        Eventually.holds("the worker is told", () -> cancelled() > before);
    }

    private static long cancelled() {
        return FakeWorkers.events(rig.model).stream().filter("cancelled"::equals).count();
    }

    @Test
    void contentIsNotLogged() throws Exception {
        rig.says("a secret answer");
        rig.server.post(ChatRig.CHAT, ChatRig.body("bytes", "").replace("Hi", "a secret question"));
        assertThat(Files.readString(rig.data.resolve("logs/server.log"))).contains("bytes answered")
                .doesNotContain("secret");
    }

    @ParameterizedTest
    @CsvSource({"fim/completions", "embeddings", "moderations"})
    void inferenceRoutesThatAreNotBuiltSaySo(String route) {
        Answer answer = rig.server.post("/v1/" + route, "{}");
        assertThat(answer.status()).isEqualTo(404);
        assertThat(Json.parse(answer.text()).get("message").asString()).contains(route).contains("not built");
    }
}
