package dev.luthier.core.prompt;

import dev.luthier.core.chat.TemplateSet;
import dev.luthier.core.model.ModelDirectory;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.Optional;

/** Makes a model's tokens of prompts, in the process of the caller. One thread at a time. */
final class PromptEncoder implements AutoCloseable {
    private final Tokenizer tokenizer;
    private final Optional<TemplateSet> templates;
    private final int contextTokens;

    private PromptEncoder(Tokenizer tokenizer, Optional<TemplateSet> templates, int contextTokens) {
        this.tokenizer = tokenizer;
        this.templates = templates;
        this.contextTokens = contextTokens;
    }

    /** @throws ProblemException USER, if the directory, its template or its tokenizer is faulty */
    static PromptEncoder open(Path directory) {
        ModelDirectory model = ModelDirectory.open(directory);
        Tokenizer tokenizer = model.tokenizer();
        return new PromptEncoder(tokenizer, TemplateSet.of(model, tokenizer), model.config().maxPositions());
    }

    /**
     * The text of a prompt.
     *
     * @throws ProblemException USER: what the template says against the conversation
     */
    String render(PromptSource source) {
        return switch (source) {
            case PromptSource.Text(String text) -> text;
            case PromptSource.Chat(var conversation, boolean continuesLast) -> {
                TemplateSet chat = templates.orElseThrow(() -> Problem
                        .user("no_chat_template", "The model has no chat template, so it cannot chat.", "model")
                        .asException());
                yield chat.prompt(conversation, continuesLast);
            }
        };
    }

    /**
     * The tokens of a prompt's text. A text that has too many for the model's context is refused before it is tokenized
     * where that is certain.
     *
     * @throws ProblemException USER: {@code context_length_exceeded}, {@code untokenizable_text}
     */
    PromptTokens tokens(PromptSource source, String text) {
        long least = tokenizer.leastTokens(text);
        if (least > contextTokens) {
            throw tooLong("at least " + least + " tokens", source);
        }
        try {
            int[] plain = tokenizer.encode(text, false);
            if (plain.length > contextTokens) {
                throw tooLong(plain.length + " tokens", source);
            }
            int[] ids = source instanceof PromptSource.Text ? tokenizer.encode(text, true) : plain;
            return new PromptTokens(ids, ids.length - plain.length);
        } catch (ProblemException e) {
            if (e.problem().code().equals(Tokenizer.TEXT_TOO_LONG)) {
                throw new ProblemException(Problem.user("context_length_exceeded",
                        e.problem().message() + " The model's context is " + contextTokens + " tokens.",
                        source.field()), e);
            }
            throw e;
        }
    }

    private ProblemException tooLong(String has, PromptSource source) {
        return Problem.user("context_length_exceeded", "The prompt has " + has + ", but the model's context is "
                + contextTokens + " tokens, prompt and answer together. Shorten the " + source.field() + ".",
                source.field()).asException();
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
