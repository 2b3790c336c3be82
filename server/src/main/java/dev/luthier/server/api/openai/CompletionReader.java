package dev.luthier.server.api.openai;

import dev.luthier.server.api.FieldValue;
import dev.luthier.server.api.Fields;
import dev.luthier.server.api.openai.AnswerFields.Streaming;
import dev.luthier.server.serve.AnswerOptions;
import dev.luthier.server.serve.PromptText;
import java.util.ArrayList;
import java.util.List;

/** Reads the body of a completion request, field by field as OpenAI's document has them. */
final class CompletionReader {
    private static final int MAX_ANSWERS = 128;
    private static final int MAX_BEST_OF = 20;
    private static final int MAX_LOGPROBS = 5;
    private static final long USUAL_TOKENS = 16;

    private CompletionReader() {}

    /**
     * What is asked for.
     *
     * @param options {@code choices} says how many answers a prompt gets, {@code logprobs} what is asked of the worker
     * @param bestOf how many answers per prompt are generated; the likeliest of them are given
     * @param echo whether an answer begins with its prompt
     * @param logprobs whether log-probabilities are given
     */
    record CompletionRequest(String model, List<PromptText> prompts, AnswerOptions options, int bestOf, boolean echo,
            boolean logprobs, Streaming streaming) {

        /** Alternatives to each token. */
        int alternatives() {
            Integer wanted = options.logprobs();
            return wanted == null ? 0 : wanted;
        }
    }

    /** @throws dev.luthier.server.api.ApiFailure with every fault of the body */
    static CompletionRequest read(Fields body) {
        String model = body.text("model").notEmpty().required();
        List<PromptText> prompts = prompts(body.value("prompt"));
        long maxTokens = body.integer("max_tokens").atLeast(0).atMost(Integer.MAX_VALUE).orElse(USUAL_TOKENS);
        Long logprobs = body.integer("logprobs").atLeast(0).atMost(MAX_LOGPROBS).orNull();
        Long bestOf = body.integer("best_of").atLeast(0).atMost(MAX_BEST_OF).orNull();
        // The best ones are found by their log-probabilities.
        Long asked = logprobs == null && bestOf != null ? Long.valueOf(0) : logprobs;
        AnswerOptions options = AnswerFields.read(body, maxTokens, asked);
        Streaming streaming = AnswerFields.streaming(body);
        long generated = bestOf == null ? options.choices() : bestOf;
        checkBestOf(body.value("best_of"), generated, options.choices(), streaming.stream());
        if (prompts.size() * generated > MAX_ANSWERS) {
            body.value("prompt").fault("out_of_range", prompts.size() + " prompts with " + generated
                    + " answers each are more than the " + MAX_ANSWERS + " answers of one request.");
        }
        boolean echo = body.bool("echo").orElse(false);
        body.notBuilt("suffix", "Leave it out.");
        body.accept("user"); // it changes nothing
        body.finish();
        return new CompletionRequest(model, prompts, options, (int) generated, echo, logprobs != null, streaming);
    }

    private static void checkBestOf(FieldValue bestOf, long generated, int choices, boolean stream) {
        if (generated < choices) {
            bestOf.fault("out_of_range", "best_of must be at least n, which is " + choices + ".");
        }
        if (stream && generated > choices) {
            bestOf.fault("invalid_value",
                    "best_of cannot be more than n when stream is true: which answers are best is known at their end.");
        }
    }

    /** A text, a list of them, a list of token ids, or a list of such lists; none is an empty text. */
    private static List<PromptText> prompts(FieldValue prompt) {
        if (!prompt.isGiven()) {
            return List.of(new PromptText.Text(""));
        }
        if (prompt.isText()) {
            return List.of(new PromptText.Text(prompt.node().stringValue()));
        }
        if (!prompt.node().isArray() || prompt.node().isEmpty()) {
            prompt.fault("wrong_type",
                    "prompt must be a string, or a list of strings, of token ids or of lists of token ids.");
            return List.of();
        }
        List<FieldValue> elements = prompt.list();
        if (elements.getFirst().node().isNumber()) {
            return List.of(new PromptText.Tokens(ids(elements)));
        }
        List<PromptText> prompts = new ArrayList<>();
        boolean texts = elements.getFirst().isText();
        for (FieldValue element : elements) {
            if (texts) {
                prompts.add(new PromptText.Text(element.text().required()));
            } else {
                List<FieldValue> tokens = element.list();
                if (tokens.isEmpty()) {
                    element.fault("empty_list", element.name() + " must be a list of at least one token id.");
                }
                prompts.add(new PromptText.Tokens(ids(tokens)));
            }
        }
        return prompts;
    }

    private static int[] ids(List<FieldValue> elements) {
        return elements.stream()
                .mapToInt(element -> (int) element.integer().atLeast(0).atMost(Integer.MAX_VALUE).required()).toArray();
    }
}
