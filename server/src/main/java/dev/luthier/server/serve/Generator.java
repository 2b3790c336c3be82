package dev.luthier.server.serve;

import dev.luthier.core.tokenizer.IncrementalDecoder;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Has prompts continued by workers. Safe for use by several threads. */
public final class Generator {
    private final WorkerPool workers;

    Generator(WorkerPool workers) {
        this.workers = workers;
    }

    /**
     * Starts one answer.
     *
     * @param choice from 0; decides the seed
     * @return once the first token is there; the caller closes it
     * @throws dev.luthier.core.problem.ProblemException USER {@code context_length_exceeded}; RESOURCE when no worker
     *     can answer now
     */
    public AnswerStream answer(Prompt prompt, int choice) {
        Target target = prompt.target();
        AnswerOptions options = prompt.options();
        TokenStream tokens = Objects.equals(options.maxTokens(), 0)
                ? TokenStream.empty()
                : workers.generate(target.model().directory(), target.adapter(), spec(prompt, choice));
        IncrementalDecoder decoder = target.model().tokenizer().incrementalDecoder(!prompt.mayCallTools());
        for (int token : prompt.context()) {
            decoder.add(token); // its text is not the answer's
        }
        return new AnswerStream(tokens, decoder,
                prompt.mayCallTools() ? target.model().toolCalls().stream() : null, new StopStrings(options.stops()),
                target);
    }

    /**
     * How likely the model finds a prompt.
     *
     * @param alternatives how many of the most likely tokens to tell in the place of each token
     * @return for each token of the prompt; the first has no log-probability
     * @throws dev.luthier.core.problem.ProblemException as {@link #answer} does
     */
    List<ScoredToken> scores(Prompt prompt, int alternatives) {
        Target target = prompt.target();
        List<ScoredToken> scores = new ArrayList<>();
        scores.add(target.first(prompt.tokens()[0]));
        workers.score(target.model().directory(), target.adapter(), prompt.tokens(), prompt.field(), alternatives)
                .forEach(score -> scores.add(target.scored(score)));
        return scores;
    }

    private static GenerationSpec spec(Prompt prompt, int choice) {
        AnswerOptions options = prompt.options();
        ServedModel model = prompt.target().model();
        return new GenerationSpec(prompt.tokens(), prompt.field(), options.maxTokens(),
                sampling(options, model.defaults(), choice), model.stopTokens(), options.logprobs());
    }

    private static Sampling sampling(AnswerOptions options, GenerationDefaults defaults, int choice) {
        double recommended = defaults.temperature() == null ? options.usualTemperature() : defaults.temperature();
        @Nullable
        Long seed = options.seed() == null ? null : options.seed() + choice;
        return new Sampling(options.temperature() == null ? recommended : options.temperature(),
                options.topP() == null ? defaults.topP() : options.topP(), defaults.topK(), options.presencePenalty(),
                options.frequencyPenalty(), seed, options.logitBias(), defaults.repetitionPenalty());
    }
}
