package dev.luthier.server.chat;

import dev.luthier.core.json.Json;
import dev.luthier.server.TestServer;
import dev.luthier.server.TestServer.Answer;
import dev.luthier.server.serve.FakeWorkers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** A real server with a byte-level chat model, whose worker says what the test wants. */
final class ChatRig implements AutoCloseable {
    static final String CHAT = "/mistral/v1/chat/completions";
    static final String OPENAI_CHAT = "/openai/v1/chat/completions";
    static final String TEMPLATE = """
            {%- for message in messages -%}
            [{{ message['role'] }}]{{ message['content'] }}</s>
            {%- endfor -%}
            {%- if add_generation_prompt -%}[assistant]{%- endif -%}""";

    final Path data;
    final Path model;
    final TestServer server;

    ChatRig(Path directory, String... flags) {
        data = directory.resolve("data");
        model = ByteModel.write(data.resolve("models/bytes"), TEMPLATE);
        List<String> all = new ArrayList<>(
                List.of("--engine.command", FakeWorkers.script(directory).toString(),
                        "--models.aliases.open-mistral-7b",
                        "bytes"));
        all.addAll(List.of(flags));
        server = TestServer.start(data, all.toArray(String[]::new));
    }

    /** Says what the worker answers from now on: the text, then the end token. */
    void says(String text) {
        FakeWorkers.answer(model, "stop", ByteModel.ended(text));
    }

    /** Asks the model one question; {@code more} are further fields of the body. */
    Answer ask(String more) {
        return server.post(CHAT, body("bytes", more));
    }

    /** Asks the same of OpenAI's route. */
    Answer askOpenAi(String more) {
        return server.post(OPENAI_CHAT, body("bytes", more));
    }

    static String body(String model, String more) {
        return "{\"model\": \"" + model + "\", \"messages\": [{\"role\": \"user\", \"content\": \"Hi\"}]"
                + (more.isEmpty() ? "" : ", " + more) + "}";
    }

    /** The chunks of a streamed answer; fails unless it ends with {@code [DONE]}. */
    static List<JsonNode> chunks(Answer answer) {
        List<String> data = answer.text().lines().filter(line -> !line.isEmpty()).toList();
        if (!data.getLast().equals("data: [DONE]")) {
            throw new AssertionError("the stream ends with " + data.getLast());
        }
        return data.subList(0, data.size() - 1).stream().map(line -> Json.parse(line.substring("data: ".length())))
                .toList();
    }

    /** What the worker was last asked for. */
    JsonNode lastRequest() {
        return Json.parse(FakeWorkers.lastRequest(model));
    }

    /** The prompt that the worker was last asked to continue, as text. */
    String lastPrompt() {
        return text(lastRequest().get("prompt"));
    }

    /** Tokens as text. */
    static String text(JsonNode tokens) {
        StringBuilder text = new StringBuilder();
        List<Byte> bytes = new ArrayList<>();
        for (JsonNode token : tokens) {
            if (token.intValue() >= 3) {
                bytes.add((byte) (token.intValue() - 3));
            } else {
                text.append(flush(bytes)).append(token.intValue() == ByteModel.END ? "</s>" : "<" + token + ">");
            }
        }
        return text.append(flush(bytes)).toString();
    }

    private static String flush(List<Byte> bytes) {
        byte[] all = new byte[bytes.size()];
        for (int i = 0; i < all.length; i++) {
            all[i] = bytes.get(i);
        }
        bytes.clear();
        return new String(all, StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        server.close();
    }
}
