package dev.luthier.server.api.mistral;

import dev.luthier.core.chat.Conversation;
import dev.luthier.server.api.Fields;
import dev.luthier.server.api.chat.Stops;
import dev.luthier.server.api.chat.ToolFields;
import dev.luthier.server.api.chat.UnbuiltFields;
import dev.luthier.server.serve.AnswerOptions;
import dev.luthier.server.serve.ChatTurn;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Reads the body of a chat completion request, field by field as Mistral's document has them. */
final class ChatRequestReader {
    private static final int MAX_CHOICES = 16;
    /** What Mistral's document suggests for most models. */
    private static final double USUAL_TEMPERATURE = 0.7;

    private ChatRequestReader() {}

    /** @param stream whether the answer is wanted piece by piece */
    record ChatRequest(ChatTurn turn, boolean stream) {}

    /** @throws dev.luthier.server.api.ApiFailure with every fault of the body */
    static ChatRequest read(Fields body) {
        String model = body.text("model").notEmpty().required();
        ChatMessages messages = ChatMessages.read(body.value("messages"), ChatMessages.Purpose.ANSWER);
        Double temperature = body.number("temperature").atLeast(0).atMost(1.5).orNull();
        Double topP = body.number("top_p").moreThan(0).atMost(1).orNull();
        Long maxTokens = body.integer("max_tokens").atLeast(0).atMost(Integer.MAX_VALUE).orNull();
        Long seed = body.integer("random_seed").atLeast(0).orNull();
        double presence = body.number("presence_penalty").atLeast(-2).atMost(2).orElse(0);
        double frequency = body.number("frequency_penalty").atLeast(-2).atMost(2).orElse(0);
        long choices = body.integer("n").atLeast(1).atMost(MAX_CHOICES).orElse(1);
        List<String> stops = Stops.read(body.value("stop"), Integer.MAX_VALUE);
        boolean stream = body.bool("stream").orElse(false);
        List<JsonNode> tools = ToolFields.read(body);
        refuseWhatIsNotBuilt(body);
        body.accept("metadata", "prompt_cache_key", "user", "safety_identifier"); // they change nothing
        body.finish();
        AnswerOptions options = new AnswerOptions(maxTokens == null ? null : Math.toIntExact(maxTokens), temperature,
                topP, USUAL_TEMPERATURE, presence, frequency, seed, Map.of(), stops, Math.toIntExact(choices), null);
        return new ChatRequest(new ChatTurn(model, new Conversation(messages.messages(), tools),
                messages.continuesLast(), options), stream);
    }

    private static void refuseWhatIsNotBuilt(Fields body) {
        UnbuiltFields.refuse(body);
        body.notBuiltUnless("safe_prompt", false, "Write a system message of your own.");
        body.notBuiltUnless("parallel_tool_calls", true, "Leave it out.");
        body.notBuiltUnless("service_tier", "auto", "Leave it out.");
        body.notBuilt("reasoning_effort", "Leave it out.");
        body.notBuilt("prompt_mode", "Leave it out.");
        body.notBuiltUnlessEmpty("guardrails", "Leave it out.");
    }
}
