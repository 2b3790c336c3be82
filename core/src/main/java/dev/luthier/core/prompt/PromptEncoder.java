package dev.luthier.core.prompt;

import dev.luthier.core.chat.Conversation;
import dev.luthier.core.chat.TemplateSet;
import dev.luthier.core.data.Sample;
import dev.luthier.core.data.SampleEncoder;
import dev.luthier.core.model.ModelDirectory;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes a model's tokens of prompts, in the process of the caller. One thread at a time. */
final class PromptEncoder implements AutoCloseable {
    private static final String TOO_LONG = "context_length_exceeded";

    private final ModelDirectory model;
    private final Tokenizer tokenizer;
    private final Optional<TemplateSet> templates;
    private final int contextTokens;
    /** Null until something is to be classified. */
    private @Nullable SampleEncoder samples;

    private PromptEncoder(ModelDirectory model, Tokenizer tokenizer, Optional<TemplateSet> templates) {
        this.model = model;
        this.tokenizer = tokenizer;
        this.templates = templates;
        this.contextTokens = model.config().maxPositions();
    }

    /** @throws ProblemException USER, if the directory, its template or its tokenizer is faulty */
    static PromptEncoder open(Path directory) {
        ModelDirectory model = ModelDirectory.open(directory);
        Tokenizer tokenizer = model.tokenizer();
        return new PromptEncoder(model, tokenizer, TemplateSet.of(model, tokenizer));
    }

    /**
     * The tokens of a prompt. A text that has too many for the model's context is refused before it is tokenized where
     * that is certain.
     *
     * @param tokenizing called when the text is there and the tokenizer comes next
     * @throws ProblemException USER: {@code context_length_exceeded}, {@code untokenizable_text}, {@code refused_input},
     *     what the template says against the conversation
     */
    PromptTokens encode(PromptSource source, Runnable tokenizing) {
        return switch (source) {
            case PromptSource.Text(String text) -> tokens(source, text, tokenizing);
            case PromptSource.Chat(var conversation, boolean continuesLast) -> {
                TemplateSet chat = templates.orElseThrow(() -> Problem
                        .user("no_chat_template", "The model has no chat template, so it cannot chat.", "model")
                        .asException());
                yield tokens(source, chat.prompt(conversation, continuesLast), tokenizing);
            }
            case PromptSource.ClassifiedText(String text) -> classified(source, new Sample.Text(text), tokenizing);
            case PromptSource.ClassifiedChat(var conversation) -> classified(source, unweighted(conversation),
                    tokenizing);
        };
    }

    private PromptTokens tokens(PromptSource source, String text, Runnable tokenizing) {
        tokenizing.run();
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
                throw new ProblemException(Problem.user(TOO_LONG,
                        e.problem().message() + " The model's context is " + contextTokens + " tokens.",
                        source.field()), e);
            }
            throw e;
        }
    }

    private ProblemException tooLong(String has, PromptSource source) {
        return Problem.user(TOO_LONG, "The prompt has " + has + ", but the model's context is "
                + contextTokens + " tokens, prompt and answer together. Shorten the " + source.field() + ".",
                source.field()).asException();
    }

    private static Sample unweighted(Conversation conversation) {
        return new Sample.Chat(conversation, Collections.nCopies(conversation.messages().size(), 0));
    }

    /** A sample without labels, as that of a data file is encoded. */
    private PromptTokens classified(PromptSource source, Sample content, Runnable tokenizing) {
        try {
            int[] ids = samples().encode(new Sample.Labelled(content, Map.of(), Set.of()), contextTokens, tokenizing)
                    .sequences().getFirst().tokens();
            return new PromptTokens(ids, 0);
        } catch (ProblemException e) {
            String code = e.problem().code();
            if (code.equals(SampleEncoder.REFUSED) || code.equals(SampleEncoder.TOO_LONG)) {
                throw Problem.user(code.equals(SampleEncoder.TOO_LONG) ? TOO_LONG : "refused_input",
                        "The input cannot be classified: " + e.problem().message(), source.field()).asException(e);
            }
            throw e;
        }
    }

    private SampleEncoder samples() {
        if (samples == null) {
            samples = SampleEncoder.of(model, tokenizer, List.of());
        }
        return samples;
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
