package dev.luthier.core.prompt;

import dev.luthier.core.chat.Conversation;

/** What a prompt is made of. */
public sealed interface PromptSource {
    /** Field of what is to be classified. */
    String INPUT = "input";

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

    /** A conversation to be classified, as training encodes it. */
    record ClassifiedChat(Conversation conversation) implements PromptSource {
        @Override
        public String field() {
            return INPUT;
        }
    }

    /** A text to be classified, as training encodes it. */
    record ClassifiedText(String text) implements PromptSource {
        @Override
        public String field() {
            return INPUT;
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
