package dev.luthier.server.serve;

import dev.luthier.core.chat.Conversation;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A chat request without its dialect.
 *
 * @param model any name of a base or fine-tuned model
 * @param conversation with tools only if the model may call them
 * @param continuesLast whether the answer goes on with the text of the last message, an assistant's
 * @param maxTokens at least 0, or null for as many as the context holds
 * @param temperature null for the model's default, as with {@code topP}
 * @param seed of the first choice; choice i has seed + i; null for random ones
 * @param stops strings at which the answer ends; they are not part of it
 * @param choices how many answers, at least 1
 */
public record ChatTurn(String model, Conversation conversation, boolean continuesLast, @Nullable Integer maxTokens,
        @Nullable Double temperature, @Nullable Double topP, double presencePenalty, double frequencyPenalty,
        @Nullable Long seed, List<String> stops, int choices) {
    public ChatTurn {
        stops = List.copyOf(stops);
    }

    /** Whether the answer may be a call of a tool. */
    boolean mayCallTools() {
        return !conversation.tools().isEmpty();
    }
}
