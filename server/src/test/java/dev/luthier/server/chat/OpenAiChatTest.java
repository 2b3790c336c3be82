package dev.luthier.server.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.core.json.Json;
import dev.luthier.server.Eventually;
import dev.luthier.server.TestServer.Answer;
import dev.luthier.server.serve.FakeWorkers;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class OpenAiChatTest {
    private static final String TOOLS = """
            "tools": [{"type": "function", "function": {"name": "dim", "parameters": {"type": "object"}}}]""";

    @TempDir
    static Path directory;

    private static ChatRig rig;
    private static Path caller;
    private static Path cool;

    @BeforeAll
    static void start() {
        Path models = directory.resolve("data/models");
        ByteModel.write(models.resolve("plain"), "");
        caller = ByteModel.write(models.resolve("caller"), """
                {%- for tool in tools or [] -%}{{ tool | tojson }}{%- endfor -%}
                {%- for message in messages -%}[{{ message['role'] }}]{{ message['content'] }}</s>{%- endfor -%}
                {#- the model answers with [TOOL_CALLS] -#}""");
        cool = ByteModel.write(models.resolve("cool"), ChatRig.TEMPLATE);
        FakeWorkers.write(cool, "generation_config.json", "{\"temperature\": 0.3}");
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

    private static String text(List<JsonNode> chunks) {
        return chunks.stream().map(chunk -> chunk.at("/choices/0/delta/content").asString(""))
                .collect(Collectors.joining());
    }

    @Test
    void answersAConversation() {
        Answer answer = rig.askOpenAi("");
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        JsonNode json = answer.json();
        assertThat(json.propertyNames()).containsExactly("id", "object", "created", "model", "choices", "usage",
                "system_fingerprint");
        assertThat(json.get("id").asString()).matches("chatcmpl-[0-9A-Za-z]{22}");
        assertThat(json.get("object").asString()).isEqualTo("chat.completion");
        assertThat(json.get("model").asString()).isEqualTo("bytes");
        assertThat(json.get("choices").toString()).isEqualTo("""
                [{"index":0,"message":{"role":"assistant","content":"Good day","refusal":null},"logprobs":null,\
                "finish_reason":"stop"}]""");
        assertThat(json.get("usage").toString())
                .isEqualTo("{\"prompt_tokens\":20,\"completion_tokens\":9,\"total_tokens\":29}");
        assertThat(rig.askOpenAi("").json().get("system_fingerprint")).isEqualTo(json.get("system_fingerprint"));
    }

    @Test
    void streamsChunksWithTheRoleFirstAndTheReasonLast() {
        rig.says("Grüße 🐟!");
        List<JsonNode> chunks = ChatRig.chunks(rig.askOpenAi("\"stream\": true"));
        assertThat(chunks).allSatisfy(chunk -> {
            assertThat(chunk.propertyNames()).containsExactly("id", "object", "created", "model", "system_fingerprint",
                    "choices");
            assertThat(chunk.get("object").asString()).isEqualTo("chat.completion.chunk");
            assertThat(chunk.get("id")).isEqualTo(chunks.getFirst().get("id"));
            assertThat(chunk.at("/choices/0").propertyNames()).containsExactly("index", "delta", "logprobs",
                    "finish_reason");
        });
        assertThat(chunks.getFirst().at("/choices/0/delta").toString())
                .isEqualTo("{\"role\":\"assistant\",\"content\":\"\",\"refusal\":null}");
        assertThat(text(chunks)).isEqualTo("Grüße 🐟!");
        assertThat(chunks.subList(0, chunks.size() - 1))
                .allMatch(chunk -> chunk.at("/choices/0/finish_reason").isNull());
        assertThat(chunks.getLast().at("/choices/0").toString())
                .isEqualTo("{\"index\":0,\"delta\":{},\"logprobs\":null,\"finish_reason\":\"stop\"}");
    }

    @Test
    void theUsageComesInAChunkOfItsOwnWhenItIsWanted() {
        List<JsonNode> chunks = ChatRig
                .chunks(rig.askOpenAi("\"stream\": true, \"n\": 2, \"stream_options\": {\"include_usage\": true}"));
        assertThat(chunks.subList(0, chunks.size() - 1)).allMatch(chunk -> chunk.has("usage")
                && chunk.get("usage").isNull() && chunk.get("choices").size() == 1);
        assertThat(chunks.getLast().get("choices")).isEmpty();
        assertThat(chunks.getLast().get("usage").toString())
                .isEqualTo("{\"prompt_tokens\":20,\"completion_tokens\":18,\"total_tokens\":38}");
        assertThat(chunks).filteredOn(chunk -> chunk.at("/choices/0/finish_reason").isString())
                .extracting(chunk -> chunk.at("/choices/0/index").intValue()).containsExactlyInAnyOrder(0, 1);
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void moreAnswersThanAWorkerMakesAtATimeAllCome(boolean stream) {
        Answer answer = rig.askOpenAi("\"n\": 40, \"seed\": 100, \"stream\": " + stream);
        assertThat(rig.lastRequest().get("seed").intValue()).isEqualTo(139);
        List<Integer> indices = stream
                ? ChatRig.chunks(answer).stream().filter(chunk -> chunk.at("/choices/0/finish_reason").isString())
                        .map(chunk -> chunk.at("/choices/0/index").intValue()).sorted().toList()
                : answer.json().get("choices").valueStream().map(choice -> choice.get("index").intValue()).toList();
        assertThat(indices).isEqualTo(IntStream.range(0, 40).boxed().toList());
    }

    @Test
    void samplingIsTheRequestsElseOpenAisDefault() {
        rig.askOpenAi("");
        assertThat(rig.lastRequest().get("temperature").doubleValue()).isEqualTo(1);
        assertThat(rig.lastRequest().get("top_p").doubleValue()).isEqualTo(1);
        assertThat(rig.lastRequest().has("seed")).isFalse();
        assertThat(rig.lastRequest().get("max_tokens").intValue()).isEqualTo(256 - 20);
        rig.askOpenAi("""
                "temperature": 0.25, "top_p": 0, "seed": -9, "n": 2, "max_completion_tokens": 7, "max_tokens": 7,
                "presence_penalty": -2, "frequency_penalty": 2, "logit_bias": {"74": 100, "75": -0.5}""");
        JsonNode asked = rig.lastRequest();
        assertThat(asked.get("temperature").doubleValue()).isEqualTo(0.25);
        assertThat(asked.get("top_p").doubleValue()).isBetween(1e-9, 1e-3);
        assertThat(asked.get("seed").intValue()).as("of the second choice").isEqualTo(-8);
        assertThat(asked.get("max_tokens").intValue()).isEqualTo(7);
        assertThat(asked.get("presence_penalty").doubleValue()).isEqualTo(-2);
        assertThat(asked.get("frequency_penalty").doubleValue()).isEqualTo(2);
        assertThat(asked.at("/logit_bias/74").doubleValue()).isEqualTo(100);
        assertThat(asked.at("/logit_bias/75").doubleValue()).isEqualTo(-0.5);
    }

    @Test
    void whatTheModelRecommendsIsItsDefault() {
        FakeWorkers.answer(cool, "stop", ByteModel.ended("a"));
        rig.server.post(ChatRig.OPENAI_CHAT, ChatRig.body("cool", ""));
        assertThat(FakeWorkers.lastRequest(cool)).contains("\"temperature\":0.3");
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void logprobsAreThoseOfTheTokensWhoseTextIsOut(boolean stream) {
        rig.says("é, stop here");
        Answer answer = rig.askOpenAi(
                "\"logprobs\": true, \"top_logprobs\": 2, \"stop\": [\"stop\", \"x\"], \"stream\": " + stream);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        List<JsonNode> tokens = stream
                ? ChatRig.chunks(answer).stream()
                        .flatMap(chunk -> chunk.at("/choices/0/logprobs/content").valueStream()).toList()
                : answer.json().at("/choices/0/logprobs/content").valueStream().toList();
        assertThat(tokens).extracting(token -> token.get("token").asString()).containsExactly("\\xc3", "\\xa9", ",",
                " ");
        assertThat(tokens.getFirst().toString()).isEqualTo("""
                {"token":"\\\\xc3","logprob":-0.5,"bytes":[195],"top_logprobs":[\
                {"token":"\\\\xc3","logprob":-0.5,"bytes":[195]},{"token":"\\\\xc4","logprob":-1.0,"bytes":[196]}]}""");
        if (stream) {
            assertThat(ChatRig.chunks(answer)).allSatisfy(chunk -> {
                String text = chunk.at("/choices/0/delta/content").asString("");
                byte[] bytes = new byte[chunk.at("/choices/0/logprobs/content").size()];
                for (int i = 0; i < bytes.length; i++) {
                    bytes[i] = (byte) chunk.at("/choices/0/logprobs/content/" + i + "/bytes/0").intValue();
                }
                assertThat(new String(bytes, StandardCharsets.UTF_8)).isEqualTo(text);
            });
        } else {
            assertThat(answer.json().at("/choices/0/logprobs/refusal").isNull()).isTrue();
        }
        assertThat(rig.askOpenAi("\"logprobs\": true").json().at("/choices/0/logprobs/content/0/top_logprobs"))
                .isEmpty();
    }

    @Test
    void rolesOfAllTimesAreReadAndDeveloperIsSystem() {
        Answer answer = rig.server.post(ChatRig.OPENAI_CHAT, """
                {"model": "bytes", "messages": [{"role": "developer", "content": "D"},
                 {"role": "system", "content": [{"type": "text", "text": "S"}], "name": "n"},
                 {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]},
                 {"role": "assistant", "content": null, "refusal": "no", "annotations": []},
                 {"role": "assistant", "content": [{"type": "refusal", "refusal": "never"}], "audio": null},
                 {"role": "assistant", "content": "", "tool_calls": [{"id": "1", "type": "function",
                   "function": {"name": "f", "arguments": "{}"}}]},
                 {"role": "tool", "tool_call_id": "1", "content": "T"},
                 {"role": "assistant", "content": "", "function_call": {"name": "f", "arguments": "{}"}},
                 {"role": "function", "name": "f", "content": "F"}]}""");
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(rig.lastPrompt()).isEqualTo("[system]D</s>[system]S</s>[user]ab</s>[assistant]no</s>"
                + "[assistant]never</s>[assistant]</s>[tool]T</s>[assistant]</s>[tool]F</s>[assistant]");
    }

    @Test
    void aModelWhoseTemplateShowsNoToolsRefusesThem() {
        Answer answer = rig.askOpenAi(TOOLS);
        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        assertThat(answer.json().at("/error/message").asString()).contains("does not show tools");
        assertThat(answer.json().at("/error/param").asString()).isEqualTo("tools");
        assertThat(rig.askOpenAi(TOOLS + ", \"tool_choice\": \"none\"").status()).isEqualTo(200);
    }

    @Test
    void aCallWithEmptyArgumentsHasNone() {
        callTwice();
        Answer answer = rig.server.post(ChatRig.OPENAI_CHAT, """
                {"model": "caller", "messages": [{"role": "user", "content": "a"}, {"role": "assistant",
                   "tool_calls": [{"id": "1", "type": "function", "function": {"name": "f", "arguments": ""}}]},
                 {"role": "tool", "tool_call_id": "1", "content": "T"}]}""");
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    }

    private static void callTwice() {
        int[] call = ByteModel.ended(" [{\"name\": \"dim\", \"arguments\": {\"value\": 30}}, "
                + "{\"name\": \"dim\", \"arguments\": {\"value\": 31}}]");
        int[] tokens = new int[call.length + 1]; // the special token comes first
        System.arraycopy(call, 0, tokens, 1, call.length);
        FakeWorkers.answer(caller, "stop", tokens);
    }

    private static Answer ask(String more) {
        Answer answer = rig.server.post(ChatRig.OPENAI_CHAT, ChatRig.body("caller", more));
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer;
    }

    @Test
    void toolCallsAreTold() {
        callTwice();
        JsonNode choice = ask(TOOLS + ", \"logprobs\": true").json().at("/choices/0");
        assertThat(choice.get("finish_reason").asString()).isEqualTo("tool_calls");
        assertThat(choice.at("/message/content").isNull()).isTrue();
        assertThat(choice.get("logprobs").toString()).isEqualTo("{\"content\":null,\"refusal\":null}");
        assertThat(choice.at("/message/tool_calls")).hasSize(2);
        assertThat(choice.at("/message/tool_calls/0/id").asString()).matches("[A-Za-z0-9]{9}");
        assertThat(choice.at("/message/tool_calls/1/function").toString())
                .isEqualTo("{\"name\":\"dim\",\"arguments\":\"{\\\"value\\\":31}\"}");
        assertThat(choice.at("/message").has("function_call")).isFalse();

        assertThat(ask(TOOLS + ", \"parallel_tool_calls\": false").json().at("/choices/0/message/tool_calls"))
                .hasSize(1);
        JsonNode none = ask(TOOLS + ", \"tool_choice\": \"none\"").json();
        assertThat(none.at("/choices/0/finish_reason").asString()).isEqualTo("stop");
        assertThat(none.at("/choices/0/message").has("tool_calls")).isFalse();
    }

    @Test
    void aStreamedCallHasItsNameFirstAndThenItsArguments() {
        callTwice();
        List<JsonNode> deltas = ChatRig.chunks(ask(TOOLS + ", \"stream\": true")).stream()
                .map(chunk -> chunk.at("/choices/0/delta")).toList();
        assertThat(deltas.getFirst().toString())
                .isEqualTo("{\"role\":\"assistant\",\"content\":null,\"refusal\":null}");
        String id = deltas.get(1).at("/tool_calls/0/id").asString();
        assertThat(deltas.get(1).toString()).isEqualTo("{\"tool_calls\":[{\"index\":0,\"id\":\"" + id
                + "\",\"type\":\"function\",\"function\":{\"name\":\"dim\",\"arguments\":\"\"}}]}");
        assertThat(deltas.get(2).toString()).isEqualTo(
                "{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{\\\"value\\\":30}\"}}]}");
        assertThat(deltas.get(3).at("/tool_calls/0/index").intValue()).isEqualTo(1);
        assertThat(deltas).hasSize(6);
        assertThat(deltas.getLast()).isEmpty();
    }

    @Test
    void functionsAreAnsweredInTheirOwnShape() {
        callTwice();
        String functions = "\"functions\": [{\"name\": \"dim\"}]";
        JsonNode choice = ask(functions + ", \"function_call\": \"auto\"").json().at("/choices/0");
        assertThat(choice.get("finish_reason").asString()).isEqualTo("function_call");
        assertThat(choice.at("/message").toString()).isEqualTo("""
                {"role":"assistant","content":null,"refusal":null,\
                "function_call":{"name":"dim","arguments":"{\\"value\\":30}"}}""");
        List<JsonNode> deltas = ChatRig.chunks(ask(functions + ", \"stream\": true")).stream()
                .map(chunk -> chunk.at("/choices/0/delta")).toList();
        assertThat(deltas.get(1).toString()).isEqualTo("{\"function_call\":{\"name\":\"dim\",\"arguments\":\"\"}}");
        assertThat(deltas.get(2).toString())
                .isEqualTo("{\"function_call\":{\"arguments\":\"{\\\"value\\\":30}\"}}");
        assertThat(ask(functions + ", \"function_call\": \"none\"").json().at("/choices/0/finish_reason").asString())
                .isEqualTo("stop");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "temperature": 2.1                                     | temperature          | at most 2
            "top_p": 1.1                                           | top_p                | at most 1
            "max_tokens": 0                                        | max_tokens           | at least 1
            "max_completion_tokens": 0                             | max_completion_tokens | at least 1
            "max_completion_tokens": 5, "max_tokens": 6            | max_tokens           | differ
            "seed": 1.5                                            | seed                 | whole number
            "seed": 9223372036854775808                            | seed                 | 64-bit
            "n": 129                                               | n                    | at most 128
            "n": 0                                                 | n                    | at least 1
            "presence_penalty": 3                                  | presence_penalty     | at most 2
            "stop": ["a", "b", "c", "d", "e"]                      | stop                 | at most 4
            "stop": ""                                             | stop                 | must not be empty
            "top_logprobs": 2                                      | top_logprobs         | only allowed when logprobs
            "logprobs": true, "top_logprobs": 21                   | top_logprobs         | at most 20
            "logprobs": 5                                          | logprobs             | true or false
            "logit_bias": {"5": 101}                               | logit_bias.5         | at most 100
            "logit_bias": {"five": 1}                              | logit_bias           | token id
            "logit_bias": {"259": 1}                               | logit_bias           | 0 to 258
            "stream": "yes"                                        | stream               | true or false
            "stream_options": {"include_usage": true}              | stream_options       | only allowed when stream
            "stream": true, "stream_options": {"include_obfuscation": true} | stream_options.include_obfuscation | not built
            "stream": true, "stream_options": {"usage": true}      | stream_options.usage | unknown
            "temprature": 1                                        | temprature           | temperature
            "random_seed": 1                                       | random_seed          | unknown
            "response_format": {"type": "json_object"}             | response_format.type | not built
            "response_format": {"type": "json_schema", "json_schema": {}} | response_format.type | not built
            "tool_choice": "required"                              | tool_choice          | not built
            "tool_choice": {"type": "allowed_tools"}               | tool_choice          | not built
            "tools": [{"type": "custom", "custom": {"name": "f"}}] | tools[0].type        | not built
            "tools": [{"type": "function", "function": {"name": "f", "strict": true}}] | tools[0].function.strict | not built
            "function_call": {"name": "f"}                         | function_call        | not built
            "functions": []                                        | functions            | 1 to 128
            "functions": [{"name": "f"}], "tools": [{"type": "function", "function": {"name": "f"}}] | functions | two ways
            "service_tier": "flex"                                 | service_tier         | not built
            "store": true                                          | store                | not built
            "verbosity": "low"                                     | verbosity            | not built
            "reasoning_effort": "low"                              | reasoning_effort     | not built
            "modalities": ["text", "audio"]                        | modalities           | not built
            "audio": {"voice": "ash", "format": "wav"}             | audio                | not built
            "web_search_options": {}                               | web_search_options   | not built
            "moderation": {}                                       | moderation           | not built
            "prediction": {"type": "content", "content": "x"}      | prediction.content   | not built
            """)
    void fieldsThatCannotBeUsedAreNamed(String more, String param, String message) {
        assertFault(rig.askOpenAi(more), param, message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            []                                                     | messages             | at least one
            [null]                                                 | messages[0]          | missing
            [{"role": "asistant", "content": "x"}]                 | messages[0].role     | assistant
            [{"role": "user"}]                                     | messages[0].content  | missing
            [{"role": "user", "content": null}]                    | messages[0].content  | missing
            [{"role": "user", "content": "x", "prefix": true}]     | messages[0].prefix   | unknown
            [{"role": "user", "content": [{"type": "image_url"}]}] | messages[0].content[0].type | not built
            [{"role": "assistant"}]                                | messages[0].content  | missing
            [{"role": "assistant", "content": "x", "audio": {"id": "a"}}] | messages[0].audio | not built
            [{"role": "tool", "content": "x"}]                     | messages[0].tool_call_id | missing
            [{"role": "function", "content": "x"}]                 | messages[0].name     | missing
            [{"role": "assistant", "tool_calls": [{"id": "1", "type": "function", "function": {"name": "f", "arguments": "x"}}]}] | messages[0].tool_calls[0].function.arguments | JSON object
            """)
    void messagesThatCannotBeUsedAreNamed(String messages, String param, String message) {
        assertFault(rig.server.post(ChatRig.OPENAI_CHAT, "{\"model\": \"bytes\", \"messages\": " + messages + "}"),
                param, message);
    }

    private static void assertFault(Answer answer, String param, String message) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        JsonNode error = answer.json().get("error");
        assertThat(error.propertyNames()).containsExactly("message", "type", "param", "code");
        assertThat(error.get("type").asString()).isEqualTo("invalid_request_error");
        assertThat(error.get("param").asString()).isEqualTo(param);
        assertThat(error.get("message").asString()).contains(message);
    }

    @Test
    void fieldsThatChangeNothingAreAccepted() {
        Answer answer = rig.askOpenAi("""
                "metadata": {"a": "1"}, "user": "u", "safety_identifier": "s", "prompt_cache_key": "k",
                "prompt_cache_retention": "24h", "prompt_cache_options": {}, "store": false, "service_tier": "default",
                "verbosity": "medium", "reasoning_effort": "none", "modalities": ["text"], "parallel_tool_calls": true,
                "tool_choice": "auto", "tools": null, "stop": null, "temperature": null, "top_p": null, "n": null,
                "response_format": {"type": "text"}, "prediction": {"type": "content", "content": ""}, "audio": null,
                "logprobs": false, "top_logprobs": null, "logit_bias": null, "stream": false, "stream_options": null,
                "max_tokens": null, "functions": null, "function_call": null, "web_search_options": null""");
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    }

    @Test
    void aModelThatCannotAnswerIsNotFound() {
        Answer unknown = rig.server.post(ChatRig.OPENAI_CHAT, ChatRig.body("nobody", ""));
        assertThat(unknown.status()).isEqualTo(404);
        assertThat(unknown.json().get("error").toString()).isEqualTo("""
                {"message":"The model `nobody` does not exist or you do not have access to it.",\
                "type":"invalid_request_error","param":null,"code":"model_not_found"}""");
        assertFault(rig.server.post(ChatRig.OPENAI_CHAT, ChatRig.body("plain", "")), "model", "no chat template");
    }

    @Test
    void aPromptThatFillsTheContextIsRefusedWithTheNumbers() {
        Answer answer = rig.server.post(ChatRig.OPENAI_CHAT, ChatRig.body("bytes", "").replace("Hi", "x".repeat(300)));
        assertFault(answer, "messages", "318 tokens");
        assertThat(answer.json().at("/error/code").asString()).isEqualTo("context_length_exceeded");
    }

    @Test
    void aWorkerThatDiesInTheMiddleIsReplacedUnseenOrEndsTheStreamWithAnError() {
        FakeWorkers.write(rig.model, "crash", "3");
        assertThat(rig.askOpenAi("").json().at("/choices/0/message/content").asString()).isEqualTo("Good day");
        FakeWorkers.write(rig.model, "crash", "3");
        List<JsonNode> chunks = ChatRig.chunks(rig.askOpenAi("\"stream\": true"));
        assertThat(text(chunks)).isEqualTo("Goo");
        assertThat(chunks.getLast().at("/error/code").asString()).isEqualTo("worker_gone");
        assertThat(chunks.getLast().at("/error/type").asString()).isEqualTo("server_error");
    }

    private static HttpRequest request(String dialect, String more) {
        return HttpRequest.newBuilder(URI.create(rig.server.server().url() + "/" + dialect + "/v1/chat/completions"))
                .header("Authorization", "Bearer " + rig.server.key()).header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(ChatRig.body("bytes", more))).build();
    }

    @ParameterizedTest
    @CsvSource({"mistral,true", "mistral,false", "openai,true", "openai,false"})
    void aClientThatLeavesCancelsItsGeneration(String dialect, boolean stream) throws Exception {
        FakeWorkers.write(rig.model, "answer.json",
                "{\"token_ids\": [74], \"finish_reason\": \"stop\", \"endless\": true}");
        long before = cancelled();
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest request = request(dialect, "\"stream\": " + stream);
            try (InputStream body = client.send(request, BodyHandlers.ofInputStream()).body()) {
                assertThat(body.read()).isPositive(); // a chunk, or the first sign of life
            }
        }
        Eventually.holds("the worker is told", () -> cancelled() > before);
    }

    @Test
    void aWholeAnswerThatBreaksOffAfterItsFirstSignOfLifeEndsWithItsConnection() throws Exception {
        FakeWorkers.write(rig.model, "hold-answer", "");
        FakeWorkers.write(rig.model, "crash-always", "1");
        try (HttpClient client = HttpClient.newHttpClient()) {
            try (InputStream body = client.send(request("openai", ""), BodyHandlers.ofInputStream()).body()) {
                assertThat(body.read()).isEqualTo(' ');
                Files.delete(rig.model.resolve("hold-answer"));
                assertThatThrownBy(body::readAllBytes).isInstanceOf(IOException.class);
            }
        } finally {
            Files.delete(rig.model.resolve("crash-always"));
        }
    }

    @Test
    void aWholeAnswerMayHaveSpaceBeforeIt() throws Exception {
        FakeWorkers.write(rig.model, "hold-answer", "");
        try (HttpClient client = HttpClient.newHttpClient()) {
            try (InputStream body = client.send(request("openai", ""), BodyHandlers.ofInputStream()).body()) {
                assertThat(body.read()).isEqualTo(' ');
                Files.delete(rig.model.resolve("hold-answer"));
                assertThat(Json.parse(new String(body.readAllBytes(), StandardCharsets.UTF_8))
                        .at("/choices/0/message/content").asString()).isEqualTo("Good day");
            }
        }
    }

    private static long cancelled() {
        return FakeWorkers.events(rig.model).stream().filter("cancelled"::equals).count();
    }

    @Test
    void bareAddressesAreToldByTheBody() {
        Answer openAi = rig.server.post("/v1/chat/completions", ChatRig.body("bytes", "\"max_completion_tokens\": 5"));
        assertThat(openAi.json().get("id").asString()).startsWith("chatcmpl-");
        assertThat(rig.server.post("/v1/chat/completions", ChatRig.body("bytes", "\"seed\": 1")).json().get("id")
                .asString()).startsWith("chatcmpl-");
        Answer mistral = rig.server.post("/v1/chat/completions", ChatRig.body("bytes", "\"random_seed\": 1"));
        assertThat(mistral.json().get("id").asString()).startsWith("cmpl-");
        JsonNode either = rig.server.post("/v1/chat/completions", ChatRig.body("bytes", "")).json();
        assertThat(either.at("/choices/0").toString()).isEqualTo("""
                {"index":0,"message":{"role":"assistant","content":"Good day","tool_calls":null,"prefix":false,\
                "refusal":null},"finish_reason":"stop","logprobs":null}""");
        assertThat(rig.server.post("/v1/chat/completions", ChatRig.body("nobody", "")).json().has("error")).isTrue();
    }
}
