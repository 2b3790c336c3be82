package dev.luthier.core.chat;

import dev.luthier.core.json.Json;
import dev.luthier.core.problem.ProblemException;
import java.util.List;

import tools.jackson.databind.JsonNode;

/** Renders a synthetic tool to learn what a template does with tools. */
final class ToolProbe {
    private static final String NAME = "probe_tool";
    private static final JsonNode FUNCTION = Json.parse("""
            {"name": "probe_tool", "description": "Probes.", "parameters": {"type": "object",
             "properties": {"what": {"type": "string", "description": "What."}}, "required": ["what"]}}""");
    private static final JsonNode TOOL = Json.MAPPER.createObjectNode().put("type", "function").set("function",
            FUNCTION);
    private static final List<Message> QUESTION = List.of(Message.user("Probe it."));

    private ToolProbe() {}

    /** Whether the name of a function comes out only if the function is not wrapped into a tool. */
    static boolean wantsBareFunctions(ChatTemplate template) {
        return !names(template, TOOL) && names(template, FUNCTION);
    }

    /** Whether the model sees the tools that it is offered. */
    static boolean shows(ChatTemplate template) {
        return names(template, TOOL);
    }

    private static boolean names(ChatTemplate template, JsonNode tool) {
        try {
            return template.at(ChatTemplate.TRAINING_TIME).render(new Conversation(QUESTION, List.of(tool)), true)
                    .contains(NAME);
        } catch (ProblemException refused) {
            return false;
        }
    }
}
