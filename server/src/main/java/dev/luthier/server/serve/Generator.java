package dev.luthier.server.serve;

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
        return new AnswerStream(tokens, target.model().tokenizer().incrementalDecoder(!prompt.mayCallTools()),
                prompt.mayCallTools() ? target.model().toolCalls().stream() : null, new StopStrings(options.stops()),
                target);
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
                options.frequencyPenalty(), seed, options.logitBias());
    }
}
