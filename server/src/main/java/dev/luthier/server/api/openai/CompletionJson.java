package dev.luthier.server.api.openai;

import dev.luthier.server.api.chat.Usage;
import dev.luthier.server.serve.ScoredToken;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Completions as OpenAI's document has them; chunks of a stream have the same shape. */
final class CompletionJson {
    private CompletionJson() {}

    /** A whole answer. {@code created} is in Unix seconds. */
    record Completion(String id, String object, long created, String model, List<Choice> choices, Usage usage,
            String systemFingerprint) {}

    /** One of the answers, or a part of one; {@code finishReason} is null in all parts but the last. */
    record Choice(String text, int index, @Nullable Logprobs logprobs, @Nullable String finishReason) {}

    /**
     * Tokens and their log-probabilities, in four lists of one length.
     *
     * @param tokenLogprobs null for the first token of a prompt, as in {@code topLogprobs}
     * @param textOffset code points from the beginning of the prompt
     */
    record Logprobs(List<String> tokens, List<@Nullable Double> tokenLogprobs,
            List<@Nullable Map<String, Double>> topLogprobs, List<Integer> textOffset) {

        /** @param offsets of each token */
        static Logprobs of(List<ScoredToken> tokens, List<Integer> offsets) {
            List<@Nullable Double> logprobs = new ArrayList<>();
            List<@Nullable Map<String, Double>> top = new ArrayList<>();
            for (ScoredToken token : tokens) {
                logprobs.add(token.logprob());
                top.add(token.logprob() == null ? null : top(token, token.logprob()));
            }
            return new Logprobs(tokens.stream().map(CompletionJson::name).toList(), logprobs, top, offsets);
        }

        /** The likeliest tokens and the token itself. */
        private static Map<String, Double> top(ScoredToken token, double logprob) {
            Map<String, Double> top = new LinkedHashMap<>();
            for (ScoredToken other : token.top()) {
                if (other.logprob() != null) {
                    top.putIfAbsent(name(other), other.logprob());
                }
            }
            top.putIfAbsent(name(token), logprob);
            return top;
        }

        /** These and those that follow. */
        Logprobs and(Logprobs more) {
            return new Logprobs(joined(tokens, more.tokens), joined(tokenLogprobs, more.tokenLogprobs),
                    joined(topLogprobs, more.topLogprobs), joined(textOffset, more.textOffset));
        }

        private static <T extends @Nullable Object> List<T> joined(List<T> first, List<T> second) {
            List<T> all = new ArrayList<>(first);
            all.addAll(second);
            return all;
        }
    }

    /** The text of a token; one that is only part of a character is told by its bytes. */
    private static String name(ScoredToken token) {
        return token.isText() ? token.text() : "bytes:" + token.text();
    }
}
