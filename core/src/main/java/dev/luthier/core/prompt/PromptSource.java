package dev.luthier.core.prompt;

import dev.luthier.core.chat.Conversation;

/** What a prompt is made of. */
public sealed interface PromptSource {

    /** The request's field that the text comes from, which faults name. */
    String field();

    /**
     * A conversation, to be rendered by the model's chat template.
     *
     * @param continuesLast whether the answer goes on with the text of the last message, an assistant's
     */
    record Chat(Conversation conversation, boolean continuesLast) implements PromptSource {
        @Override
        public String field() {
            return "messages";
        }
    }

    /** A text to be continued as it is, after the tokens that the tokenizer's own template puts before it. */
    record Text(String text) implements PromptSource {
        @Override
        public String field() {
            return "prompt";
        }
    }
}
