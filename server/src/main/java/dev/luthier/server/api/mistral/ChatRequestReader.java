package dev.luthier.server.api.mistral;

import dev.luthier.core.chat.Conversation;
import dev.luthier.server.api.FieldValue;
import dev.luthier.server.api.Fields;
import dev.luthier.server.serve.ChatTurn;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Reads the body of a chat completion request, field by field as Mistral's document has them. */
final class ChatRequestReader {
    private static final int MAX_CHOICES = 16;
    private static final Map<String, Boolean> TOOL_CHOICES = Map.of("auto", true, "none", false);

    private ChatRequestReader() {}

    /** @param stream whether the answer is wanted piece by piece */
    record ChatRequest(ChatTurn turn, boolean stream) {}

    /** @throws dev.luthier.server.api.ApiFailure with every fault of the body */
    static ChatRequest read(Fields body) {
        String model = body.text("model").notEmpty().required();
        ChatMessages messages = ChatMessages.read(body.value("messages"));
        Double temperature = body.number("temperature").atLeast(0).atMost(1.5).orNull();
        Double topP = body.number("top_p").moreThan(0).atMost(1).orNull();
        Long maxTokens = body.integer("max_tokens").atLeast(0).atMost(Integer.MAX_VALUE).orNull();
        Long seed = body.integer("random_seed").atLeast(0).orNull();
        double presence = body.number("presence_penalty").atLeast(-2).atMost(2).orElse(0);
        double frequency = body.number("frequency_penalty").atLeast(-2).atMost(2).orElse(0);
        long choices = body.integer("n").atLeast(1).atMost(MAX_CHOICES).orElse(1);
        List<String> stops = stops(body.value("stop"));
        boolean stream = body.bool("stream").orElse(false);
        List<JsonNode> tools = tools(body);
        refuseWhatIsNotBuilt(body);
        body.accept("metadata", "prompt_cache_key", "user", "safety_identifier"); // they change nothing
        body.finish();
        return new ChatRequest(new ChatTurn(model, new Conversation(messages.messages(), tools),
                messages.continuesLast(), maxTokens == null ? null : Math.toIntExact(maxTokens), temperature, topP,
                presence, frequency, seed, stops, Math.toIntExact(choices)), stream);
    }

    private static List<String> stops(FieldValue stop) {
        if (stop.isText()) {
            return List.of(stop.text().notEmpty().orElse(" "));
        }
        List<String> stops = new ArrayList<>();
        for (FieldValue element : stop.list()) {
            stops.add(element.text().notEmpty().required());
        }
        return stops;
    }

    /** The tools as they came, for the template; none when the model may not call any. */
    private static List<JsonNode> tools(Fields body) {
        List<JsonNode> tools = new ArrayList<>();
        for (FieldValue element : body.list("tools")) {
            element.requireGiven();
            Fields tool = element.object();
            if (isFunction(tool)) {
                Fields function = tool.object("function");
                tool.value("function").requireGiven();
                function.text("name").notEmpty().required();
                function.text("description").orNull();
                function.bool("strict").orElse(false);
                function.object("parameters").members();
                tools.add(element.node());
            }
        }
        return mayCall(body.value("tool_choice")) ? tools : List.of();
    }

    private static boolean isFunction(Fields tool) {
        String type = tool.text("type").orElse("function");
        if (!type.equals("function")) {
            tool.value("type").fault("not_built",
                    "Tools of type " + type + " are not built yet. Describe the tool as a function.");
            tool.members();
        }
        return type.equals("function");
    }

    private static boolean mayCall(FieldValue choice) {
        boolean forced = choice.node().isObject()
                || (choice.isText() && List.of("any", "required").contains(choice.node().stringValue()));
        if (forced) {
            choice.fault("not_built", "tool_choice " + choice.node()
                    + " is not built yet: the model cannot be made to call a tool. Use auto or none.");
            return true;
        }
        return choice.choice(TOOL_CHOICES).orElse(true);
    }

    private static void refuseWhatIsNotBuilt(Fields body) {
        if (body.has("response_format")) {
            Fields format = body.object("response_format");
            format.notBuiltUnless("type", "text", "Ask for JSON in the messages.");
            format.notBuilt("json_schema", "Describe the schema in the messages.");
        }
        if (body.has("prediction")) {
            Fields prediction = body.object("prediction");
            prediction.notBuiltUnless("type", "content", "Leave it out.");
            prediction.notBuiltUnless("content", "", "Leave it out.");
        }
        body.notBuiltUnless("safe_prompt", false, "Write a system message of your own.");
        body.notBuiltUnless("parallel_tool_calls", true, "Leave it out.");
        body.notBuiltUnless("store", false, "Leave it out.");
        body.notBuiltUnless("service_tier", "auto", "Leave it out.");
        body.notBuilt("reasoning_effort", "Leave it out.");
        body.notBuilt("prompt_mode", "Leave it out.");
        body.notBuiltUnlessEmpty("guardrails", "Leave it out.");
    }
}
