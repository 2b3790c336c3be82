package dev.luthier.server.api.openai;

import dev.luthier.core.chat.Conversation;
import dev.luthier.core.chat.Message;
import dev.luthier.server.api.FieldValue;
import dev.luthier.server.api.Fields;
import dev.luthier.server.api.chat.ToolFields;
import dev.luthier.server.api.chat.UnbuiltFields;
import dev.luthier.server.api.openai.AnswerFields.Streaming;
import dev.luthier.server.serve.AnswerOptions;
import dev.luthier.server.serve.ChatTurn;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** Reads the body of a chat completion request, field by field as OpenAI's document has them. */
final class ChatCompletionReader {
    private static final int MAX_TOP_LOGPROBS = 20;
    private static final int MAX_FUNCTIONS = 128;

    private ChatCompletionReader() {}

    /** How a call of the model is told. */
    enum CallShape {
        /** All of them as {@code tool_calls}. */
        TOOL_CALLS,
        /** The first one as {@code tool_calls}: {@code parallel_tool_calls} is false. */
        ONE_TOOL_CALL,
        /** The first one as {@code function_call}: the request has {@code functions}. */
        FUNCTION_CALL
    }

    record ChatCompletionRequest(ChatTurn turn, Streaming streaming, CallShape calls) {}

    /** @throws dev.luthier.server.api.ApiFailure with every fault of the body */
    static ChatCompletionRequest read(Fields body) {
        String model = body.text("model").notEmpty().required();
        List<Message> messages = ChatCompletionMessages.read(body.value("messages"));
        AnswerOptions options = AnswerFields.read(body, maxTokens(body), logprobs(body));
        Streaming streaming = AnswerFields.streaming(body);
        List<JsonNode> tools = ToolFields.read(body);
        boolean parallel = body.bool("parallel_tool_calls").orElse(true);
        CallShape calls = parallel ? CallShape.TOOL_CALLS : CallShape.ONE_TOOL_CALL;
        if (body.has("functions")) {
            calls = CallShape.FUNCTION_CALL;
            tools = functions(body);
        }
        if (!ToolFields.mayCall(body.value("function_call"))) {
            tools = List.of();
        }
        refuseWhatIsNotBuilt(body);
        body.accept("metadata", "user", "safety_identifier", "prompt_cache_key", "prompt_cache_retention",
                "prompt_cache_options"); // they change nothing
        body.finish();
        return new ChatCompletionRequest(new ChatTurn(model, new Conversation(messages, tools), false, options),
                streaming, calls);
    }

    private static @Nullable Long maxTokens(Fields body) {
        Long current = body.integer("max_completion_tokens").atLeast(1).atMost(Integer.MAX_VALUE).orNull();
        Long old = body.integer("max_tokens").atLeast(1).atMost(Integer.MAX_VALUE).orNull();
        if (current != null && old != null && !current.equals(old)) {
            body.value("max_tokens").fault("invalid_value",
                    "max_tokens and max_completion_tokens differ. Send max_completion_tokens alone.");
        }
        return current == null ? old : current;
    }

    private static @Nullable Long logprobs(Fields body) {
        boolean wanted = body.bool("logprobs").orElse(false);
        Long top = body.integer("top_logprobs").atLeast(0).atMost(MAX_TOP_LOGPROBS).orNull();
        if (top != null && !wanted) {
            body.value("top_logprobs").fault("invalid_value", "top_logprobs is only allowed when logprobs is true.");
        }
        return !wanted ? null : top == null ? Long.valueOf(0) : top;
    }

    /** The functions of old requests as tools. */
    private static List<JsonNode> functions(Fields body) {
        FieldValue value = body.value("functions");
        if (body.has("tools")) {
            value.fault("invalid_value", "functions and tools are two ways to say the same. Send tools alone.");
        }
        List<JsonNode> tools = new ArrayList<>();
        for (FieldValue element : value.list()) {
            element.requireGiven();
            ToolFields.readFunction(element.object());
            tools.add(JsonNodeFactory.instance.objectNode().put("type", "function").set("function", element.node()));
        }
        if (value.node().isArray() && (tools.isEmpty() || tools.size() > MAX_FUNCTIONS)) {
            value.fault("out_of_range", "functions must have 1 to " + MAX_FUNCTIONS + " functions, not " + tools.size()
                    + ".");
        }
        return tools;
    }

    private static void refuseWhatIsNotBuilt(Fields body) {
        UnbuiltFields.refuse(body);
        onlyOneOf(body, "service_tier", "auto", "default");
        onlyOneOf(body, "verbosity", "medium");
        onlyOneOf(body, "reasoning_effort", "none");
        FieldValue modalities = body.value("modalities");
        if (modalities.isGiven() && !modalities.node().equals(
                JsonNodeFactory.instance.arrayNode().add("text"))) {
            modalities.fault("not_built", "modalities other than [\"text\"] are not built yet. Leave it out.");
        }
        body.notBuilt("audio", "Answers are text.");
        body.notBuilt("web_search_options", "Give the model what it shall know in the messages.");
        body.notBuilt("moderation", "Leave it out.");
    }

    /** Refuses a field but for the values that change nothing. */
    private static void onlyOneOf(Fields body, String name, String... harmless) {
        FieldValue field = body.value(name);
        if (field.isGiven() && !(field.isText() && List.of(harmless).contains(field.node().stringValue()))) {
            field.fault("not_built", name + " other than " + String.join(" or ", harmless)
                    + " is not built yet. Leave it out.");
        }
    }
}
