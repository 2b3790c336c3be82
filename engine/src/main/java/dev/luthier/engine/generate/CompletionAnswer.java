package dev.luthier.engine.generate;

import dev.luthier.core.json.Json;
import dev.luthier.engine.generate.Generation.Event;
import dev.luthier.engine.generate.Generation.Logprob;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

/**
 * Writes a generation as vLLM does: a chunk per token, or one object at the end. Tokens in {@code logprobs} are named
 * {@code token_id:N}. Written by one thread.
 */
final class CompletionAnswer {
    private final String id = "cmpl-" + UUID.randomUUID().toString().replace("-", "");
    private final long created = System.currentTimeMillis() / 1000;
    private final String model;
    private final int promptTokens;
    private final List<Event.Token> tokens = new ArrayList<>();
    private Event.@Nullable PromptScored promptScores;

    CompletionAnswer(String model, int promptTokens) {
        this.model = model;
        this.promptTokens = promptTokens;
    }

    void add(Event.PromptScored scores) {
        promptScores = scores;
    }

    void add(Event.Token token) {
        tokens.add(token);
    }

    /** A streamed chunk with one token; its {@code finish_reason} is null. */
    String chunk(Event.Token token) {
        return Json.write(envelope(choice(List.of(token), null)));
    }

    /** The last streamed chunk: no token, the reason and the usage. */
    String lastChunk(Event.Finished end, int generated) {
        Map<String, Object> chunk = envelope(choice(List.of(), end));
        chunk.put("usage", usage(generated));
        return Json.write(chunk);
    }

    /** The whole answer, of all added tokens. */
    String whole(Event.Finished end) {
        Map<String, @Nullable Object> choice = choice(tokens, end);
        if (promptScores != null) {
            choice.put("prompt_logprobs", promptLogprobs(promptScores.logprobs()));
        }
        Map<String, Object> answer = envelope(choice);
        answer.put("usage", usage(tokens.size()));
        return Json.write(answer);
    }

    private Map<String, Object> envelope(Map<String, @Nullable Object> choice) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("id", id);
        object.put("object", "text_completion");
        object.put("created", created);
        object.put("model", model);
        object.put("choices", List.of(choice));
        return object;
    }

    private static Map<String, @Nullable Object> choice(List<Event.Token> tokens, Event.@Nullable Finished end) {
        Map<String, @Nullable Object> choice = new LinkedHashMap<>();
        choice.put("index", 0);
        choice.put("text", "");
        choice.put("logprobs", logprobs(tokens));
        choice.put("finish_reason", end == null ? null : end.reason().name().toLowerCase(Locale.ROOT));
        choice.put("stop_reason", end == null ? null : end.stopToken());
        choice.put("token_ids", tokens.stream().map(Event.Token::id).toList());
        return choice;
    }

    private Map<String, Object> usage(int generated) {
        Map<String, Object> usage = new LinkedHashMap<>();
        usage.put("prompt_tokens", promptTokens);
        usage.put("completion_tokens", generated);
        usage.put("total_tokens", promptTokens + generated);
        return usage;
    }

    private static @Nullable Map<String, Object> logprobs(List<Event.Token> tokens) {
        List<Logprob> reported = new ArrayList<>();
        for (Event.Token token : tokens) {
            if (token.logprob() != null) {
                reported.add(token.logprob());
            }
        }
        if (reported.isEmpty()) {
            return null;
        }
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("tokens", reported.stream().map(CompletionAnswer::name).toList());
        object.put("token_logprobs", reported.stream().map(Logprob::logprob).toList());
        object.put("top_logprobs", reported.stream().map(CompletionAnswer::top).toList());
        return object;
    }

    /** By token id, for each token of the prompt; the first has none. */
    private static List<@Nullable Object> promptLogprobs(List<Logprob> scores) {
        List<@Nullable Object> all = new ArrayList<>();
        all.add(null);
        for (Logprob score : scores) {
            Map<String, Object> entries = new LinkedHashMap<>();
            entries.put(Integer.toString(score.token()), entry(score));
            score.top().forEach(other -> entries.putIfAbsent(Integer.toString(other.token()), entry(other)));
            all.add(entries);
        }
        return all;
    }

    private static Map<String, @Nullable Object> entry(Logprob score) {
        Map<String, @Nullable Object> entry = new LinkedHashMap<>();
        entry.put("logprob", score.logprob());
        entry.put("rank", score.rank());
        entry.put("decoded_token", null);
        return entry;
    }

    private static Map<String, Double> top(Logprob token) {
        Map<String, Double> top = new LinkedHashMap<>();
        top.put(name(token), token.logprob());
        token.top().forEach(other -> top.put(name(other), other.logprob()));
        return top;
    }

    private static String name(Logprob token) {
        return "token_id:" + token.token();
    }
}
