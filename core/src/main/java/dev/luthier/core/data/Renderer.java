package dev.luthier.core.data;

import dev.luthier.core.chat.Conversation;
import dev.luthier.core.chat.TemplateSet;
import dev.luthier.core.chat.TrainingText;
import dev.luthier.core.model.ModelDirectory;
import dev.luthier.core.tokenizer.Tokenizer;
import java.util.Optional;
import java.util.function.Function;

/**
 * How a model's chat template renders conversations.
 *
 * @param training to learn the assistant's messages from
 * @param prompt with the start of an answer behind the last message
 */
record Renderer(Function<Conversation, TrainingText> training, Function<Conversation, String> prompt) {

    /** That of a model's templates; empty for a model without any. */
    static Optional<Renderer> of(ModelDirectory model, Tokenizer tokenizer) {
        return TemplateSet.of(model, tokenizer).map(templates -> new Renderer(templates::trainingText,
                conversation -> templates.prompt(conversation, false)));
    }
}
