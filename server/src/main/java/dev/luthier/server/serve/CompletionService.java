package dev.luthier.server.serve;

import dev.luthier.core.problem.Problem;
import dev.luthier.core.prompt.PromptSource;
import dev.luthier.core.prompt.PromptTokens;
import dev.luthier.core.tokenizer.Tokenizer;
import dev.luthier.server.key.Principal;
import java.util.Arrays;
import java.util.List;

/** Turns texts into prompts for models that just continue them, with a chat template or without. */
public final class CompletionService {
    private static final String FIELD = "prompt";
    /** Enough to know whether a space before the next token is part of the text. */
    private static final int CONTEXT_TOKENS = 8;

    private final ModelFinder models;
    private final Generator generator;

    CompletionService(ModelFinder models, Generator generator) {
        this.models = models;
        this.generator = generator;
    }

    /**
     * Turns texts into tokens.
     *
     * @throws dev.luthier.core.problem.ProblemException USER: {@code invalid_model}, {@code unsuitable_model},
     *     {@code unknown_token}, {@code empty_prompt}
     */
    public List<CompletionPrompt> prompts(Principal caller, String model, List<PromptText> texts,
            AnswerOptions options) {
        Target target = models.find(caller, model);
        target.check(options);
        return texts.stream().map(text -> prompt(model, target, text, options)).toList();
    }

    private static CompletionPrompt prompt(String name, Target target, PromptText source, AnswerOptions options) {
        Tokenizer tokenizer = target.model().tokenizer();
        return switch (source) {
            case PromptText.Tokens(int[] ids) -> {
                for (int id : ids) {
                    if (id >= tokenizer.vocabSize()) {
                        throw Problem.user("unknown_token", "prompt has the token " + id + ", but the tokens of "
                                + target.base().name() + " are 0 to " + (tokenizer.vocabSize() - 1) + ".", FIELD)
                                .asException();
                    }
                }
                yield prompt(name, target, ids, tokenizer.decode(ids, false), 0, options);
            }
            case PromptText.Text(String text) -> {
                PromptTokens tokens = target.model().prompts().encode(new PromptSource.Text(text));
                yield tokens.ids().length > 0
                        ? prompt(name, target, tokens.ids(), text, tokens.added(), options)
                        : prompt(name, target, new int[]{start(target)}, text, 1, options);
            }
        };
    }

    private static CompletionPrompt prompt(String name, Target target, int[] ids, String text, int before,
            AnswerOptions options) {
        int[] context = Arrays.copyOfRange(ids, Math.max(0, ids.length - CONTEXT_TOKENS), ids.length);
        return new CompletionPrompt(new Prompt(name, target, ids, FIELD, context, false, options), text, before);
    }

    /** What stands between the documents of a model whose tokenizer puts nothing before a text. */
    private static int start(Target target) {
        return target.model().stopTokens().stream().findFirst().orElseThrow(() -> Problem.user("empty_prompt",
                "The prompt is empty, and " + target.base().name() + " has no token to start with.", FIELD)
                .asException());
    }

    /**
     * How likely the model finds a prompt.
     *
     * @param alternatives how many of the most likely tokens to tell in the place of each token
     * @return for each token of the prompt; the first has no log-probability
     * @throws dev.luthier.core.problem.ProblemException as {@link Generator#answer} does
     */
    public List<ScoredToken> scores(Prompt prompt, int alternatives) {
        return generator.scores(prompt, alternatives);
    }
}
