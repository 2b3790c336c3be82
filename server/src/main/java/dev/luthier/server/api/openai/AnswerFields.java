package dev.luthier.server.api.openai;

import dev.luthier.server.api.FieldValue;
import dev.luthier.server.api.Fields;
import dev.luthier.server.api.chat.Stops;
import dev.luthier.server.serve.AnswerOptions;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads the fields that chat completions and completions have in common. */
final class AnswerFields {
    private static final int MAX_CHOICES = 128;
    private static final int MAX_STOPS = 4;
    private static final double MOST_BIAS = 100;
    private static final double USUAL_TEMPERATURE = 1;
    /** Stands for 0, which keeps the most likely token alone. */
    private static final double SMALLEST_NUCLEUS = 1e-6;

    private AnswerFields() {}

    /**
     * How an answer is to be streamed.
     *
     * @param includeUsage whether a last chunk has the usage
     */
    record Streaming(boolean stream, boolean includeUsage) {}

    /**
     * @param maxTokens null for as many as the context holds
     * @param logprobs alternatives per token; null for no log-probabilities
     */
    static AnswerOptions read(Fields body, @Nullable Long maxTokens, @Nullable Long logprobs) {
        Double temperature = body.number("temperature").atLeast(0).atMost(2).orNull();
        Double topP = body.number("top_p").atLeast(0).atMost(1).orNull();
        double presence = body.number("presence_penalty").atLeast(-2).atMost(2).orElse(0);
        double frequency = body.number("frequency_penalty").atLeast(-2).atMost(2).orElse(0);
        Long seed = body.integer("seed").orNull();
        long choices = body.integer("n").atLeast(1).atMost(MAX_CHOICES).orElse(1);
        return new AnswerOptions(maxTokens == null ? null : (Integer) (int) (long) maxTokens, temperature,
                topP == null ? null : (Double) Math.max(topP, SMALLEST_NUCLEUS), USUAL_TEMPERATURE, presence,
                frequency, seed, logitBias(body), Stops.read(body.value("stop"), MAX_STOPS), (int) choices,
                logprobs == null ? null : (Integer) (int) (long) logprobs);
    }

    static Streaming streaming(Fields body) {
        boolean stream = body.bool("stream").orElse(false);
        boolean includeUsage = false;
        if (body.has("stream_options")) {
            Fields options = body.object("stream_options");
            includeUsage = options.bool("include_usage").orElse(false);
            options.notBuiltUnless("include_obfuscation", false, "Leave it out.");
            if (!stream) {
                body.value("stream_options").fault("invalid_value",
                        "stream_options is only allowed when stream is true.");
            }
        }
        return new Streaming(stream, includeUsage);
    }

    /** Numbers by token id. */
    private static Map<Integer, Double> logitBias(Fields body) {
        Map<Integer, Double> bias = new LinkedHashMap<>();
        Fields field = body.object("logit_bias");
        for (Map.Entry<String, JsonNode> entry : field.members().entrySet()) {
            FieldValue value = field.value(entry.getKey());
            double number = value.number().atLeast(-MOST_BIAS).atMost(MOST_BIAS).required();
            if (entry.getKey().matches("[0-9]{1,9}")) {
                bias.put(Integer.parseInt(entry.getKey()), number);
            } else {
                field.fault("unknown_token",
                        "logit_bias has a key that is no token id. Its keys are whole numbers from 0.");
            }
        }
        return bias;
    }
}
