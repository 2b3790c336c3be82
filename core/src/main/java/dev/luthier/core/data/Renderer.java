package dev.luthier.core.data;

import dev.luthier.core.chat.Conversation;
import dev.luthier.core.chat.TemplateSet;
import dev.luthier.core.chat.TrainingText;
import dev.luthier.core.model.ModelDirectory;
import dev.luthier.core.tokenizer.Tokenizer;
import java.util.Optional;
import java.util.function.Function;

/**
 * The chat template of a model as two functions.
 *
 * @param training renders a conversation with the spans of the assistant's messages
 * @param prompt renders a conversation followed by the generation prompt
 */
record Renderer(Function<Conversation, TrainingText> training, Function<Conversation, String> prompt) {

    /** That of a model's templates; empty for a model without any. */
    static Optional<Renderer> of(ModelDirectory model, Tokenizer tokenizer) {
        return TemplateSet.of(model, tokenizer).map(templates -> new Renderer(templates::trainingText,
                conversation -> templates.prompt(conversation, false)));
    }
}
