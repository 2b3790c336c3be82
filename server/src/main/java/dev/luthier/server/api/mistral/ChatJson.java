package dev.luthier.server.api.mistral;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.luthier.core.chat.ToolCallParser;
import dev.luthier.server.api.WireJson;
import dev.luthier.server.api.chat.CallIds;
import dev.luthier.server.api.chat.Usage;
import dev.luthier.server.serve.AnswerStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Chat answers as Mistral's document has them, whole and in chunks. */
final class ChatJson {
    private ChatJson() {}

    /** A whole answer. {@code created} is in Unix seconds. */
    record Completion(String id, String object, long created, String model, List<Choice> choices, Usage usage) {}

    /** One of the answers. */
    record Choice(int index, AssistantMessage message, String finishReason) {}

    /** What the assistant says, or the tools it calls. */
    record AssistantMessage(String role, @Nullable String content, @Nullable List<Call> toolCalls, boolean prefix) {}

    /** A piece of an answer. */
    record Chunk(String id, String object, long created, String model, List<ChunkChoice> choices,
            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Usage usage) {}

    /** What a chunk adds to one choice; {@code finishReason} is null but in the last one. */
    record ChunkChoice(int index, Delta delta, @Nullable String finishReason) {}

    /** Text or tool calls to be added; the role comes with the first piece. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Delta(@Nullable String role, @Nullable String content, @Nullable List<Call> toolCalls) {}

    /** A function call; the arguments are a JSON text. */
    record Call(String id, String type, Function function, int index) {}

    /** Name and arguments. */
    record Function(String name, String arguments) {}

    /** The calls with ids; a call to which the model gave none gets one of 9 letters and digits, as Mistral's have. */
    static List<Call> calls(List<ToolCallParser.Call> calls) {
        List<Call> wire = new ArrayList<>();
        for (ToolCallParser.Call call : calls) {
            wire.add(new Call(CallIds.of(call), "function", new Function(call.name(), call.arguments()), wire.size()));
        }
        return wire;
    }

    /** The answer with the keys that OpenAI's clients look for too. */
    static ObjectNode superset(Completion completion) {
        ObjectNode superset = WireJson.MAPPER.valueToTree(completion);
        for (JsonNode choice : superset.get("choices")) {
            ((ObjectNode) choice).putNull("logprobs");
            ((ObjectNode) choice.get("message")).putNull("refusal");
        }
        return superset;
    }

    /** {@code model_length} exists in whole answers only. */
    static String finishReason(AnswerStream.End end, boolean streamed) {
        return switch (end) {
            case STOP -> "stop";
            case LENGTH -> "length";
            case CONTEXT -> streamed ? "length" : "model_length";
        };
    }
}
