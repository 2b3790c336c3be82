package dev.luthier.core.chat;

import dev.luthier.core.problem.Problem;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.JsonNode;

/**
 * A function call that an assistant message makes.
 *
 * @param id links the tool message that answers it; "" when the source gives none, and then templates do not see the
 *     key
 * @param name of the function
 * @param arguments a JSON object
 * @param text the arguments as the source writes them, when it holds them as a string of JSON; null when it holds the
 *     object itself. Which of the two a template receives is decided by {@link CallForms}.
 */
public record ToolCall(String id, String name, JsonNode arguments, @Nullable String text) {
    public ToolCall {
        if (!arguments.isObject()) {
            throw Problem.user("invalid_tool_call", "The arguments of the call of " + name + " must be a JSON object.",
                    "arguments").asException();
        }
    }

    /** A call whose source holds the arguments as an object. */
    public ToolCall(String id, String name, JsonNode arguments) {
        this(id, name, arguments, null);
    }

    /**
     * The JSON that the arguments of a source mean which holds them as a string: an empty one, as models and logs write
     * it for a call without arguments, means {@code {}}.
     */
    public static String meantBy(String argumentsText) {
        return argumentsText.isBlank() ? "{}" : argumentsText;
    }

    /** This call of another function. */
    ToolCall withName(String replacement) {
        return new ToolCall(id, replacement, arguments, text);
    }
}
