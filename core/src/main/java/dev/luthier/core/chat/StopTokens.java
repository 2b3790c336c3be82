package dev.luthier.core.chat;

import dev.luthier.core.model.ModelDirectory;
import dev.luthier.core.tokenizer.Tokenizer;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The tokens at which a model's answers end, as far as they are known.
 *
 * @param texts of the tokens that end a generation
 * @param isToken whether a text is one token of the model
 */
record StopTokens(Set<String> texts, Predicate<String> isToken) {
    /** Of a template without its model: anything may be a token. */
    static final StopTokens UNKNOWN = new StopTokens(Set.of(), text -> true);

    static StopTokens of(ModelDirectory model, Tokenizer tokenizer) {
        Set<String> texts = new LinkedHashSet<>();
        model.stopTokenIds(tokenizer).forEach(id -> tokenizer.token(id).ifPresent(texts::add));
        return new StopTokens(Set.copyOf(texts), text -> tokenizer.tokenId(text).isPresent());
    }
}
