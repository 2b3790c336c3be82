package dev.luthier.core.chat;

import dev.luthier.core.problem.Problem;

import tools.jackson.databind.JsonNode;

/**
 * A function call that an assistant message makes.
 *
 * @param id links the tool message that answers it; Mistral's templates want exactly 9 characters; "" when the source
 *     gives none, and then templates do not see the key
 * @param name of the function
 * @param arguments a JSON object; templates receive it as a mapping, as transformers' users hand it over
 */
public record ToolCall(String id, String name, JsonNode arguments) {
    public ToolCall {
        if (!arguments.isObject()) {
            throw Problem.user("invalid_tool_call", "The arguments of the call of " + name + " must be a JSON object.",
                    "arguments").asException();
        }
    }
}
