package dev.luthier.server.serve;

import dev.luthier.core.chat.Conversation;

/**
 * A chat request without its dialect.
 *
 * @param model any name of a base or fine-tuned model
 * @param conversation with tools only if the model may call them
 * @param continuesLast whether the answer goes on with the text of the last message, an assistant's
 */
public record ChatTurn(String model, Conversation conversation, boolean continuesLast, AnswerOptions options) {

    /** Whether the answer may be a call of a tool. */
    public boolean mayCallTools() {
        return !conversation.tools().isEmpty();
    }
}
