package dev.luthier.core.chat;

import java.util.Map;

import tools.jackson.databind.JsonNode;

/**
 * How to render a conversation.
 *
 * @param addGenerationPrompt whether the header of an assistant message follows the last message, for the model to go
 *     on
 * @param variables further variables of the template, such as {@code enable_thinking}; they hide special tokens of the
 *     same name
 */
public record RenderOptions(boolean addGenerationPrompt, Map<String, JsonNode> variables) {
    /** The messages alone. */
    public static final RenderOptions MESSAGES = new RenderOptions(false, Map.of());
    /** The messages and the start of the assistant's answer. */
    public static final RenderOptions PROMPT = new RenderOptions(true, Map.of());

    public RenderOptions {
        variables = Map.copyOf(variables);
    }
}
