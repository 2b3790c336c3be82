package dev.luthier.server.api.openai;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.luthier.core.chat.ToolCallParser;
import dev.luthier.server.api.chat.CallIds;
import dev.luthier.server.api.chat.Usage;
import dev.luthier.server.serve.AnswerStream;
import dev.luthier.server.serve.ScoredToken;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Chat completions as OpenAI's document has them, whole and in chunks. */
final class ChatCompletionJson {
    /** Stands for "very unlikely"; no log-probability is below it. */
    private static final double VERY_UNLIKELY = -9999;

    private ChatCompletionJson() {}

    /** A whole answer. {@code created} is in Unix seconds. */
    record Completion(String id, String object, long created, String model, List<Choice> choices, Usage usage,
            String systemFingerprint) {}

    /** One of the answers. */
    record Choice(int index, AssistantMessage message, @Nullable Logprobs logprobs, String finishReason) {}

    /** What the assistant says, or what it calls. */
    record AssistantMessage(String role, @Nullable String content, @Nullable String refusal,
            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable List<Call> toolCalls,
            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Function functionCall) {}

    /** A function call; the arguments are a JSON text. */
    record Call(String id, String type, Function function) {}

    /** Name and arguments. */
    record Function(String name, String arguments) {}

    /** What a chunk adds to one choice; {@code finishReason} is null but in the last one. */
    record ChunkChoice(int index, Object delta, @Nullable Logprobs logprobs, @Nullable String finishReason) {}

    /** The first addition to a choice; {@code content} is null where tool calls may be all that comes. */
    record Opening(String role, @Nullable String content, @Nullable String refusal) {}

    /** Further text, or a part of a call. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Delta(@Nullable String content, @Nullable List<CallPart> toolCalls, @Nullable FunctionPart functionCall) {
        static Delta text(String text) {
            return new Delta(text, null, null);
        }

        static Delta nothing() {
            return new Delta(null, null, null);
        }
    }

    /** Part of a call: id, type and name come with the first one. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record CallPart(int index, @Nullable String id, @Nullable String type, FunctionPart function) {}

    /** Arguments to be added. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record FunctionPart(@Nullable String name, String arguments) {}

    /** Of the message's tokens; null instead of a list where it has no content. */
    record Logprobs(@Nullable List<TokenLogprob> content, @Nullable List<TokenLogprob> refusal) {
        static Logprobs of(List<ScoredToken> tokens) {
            return new Logprobs(tokens.stream().map(TokenLogprob::of).toList(), null);
        }
    }

    /** A token; {@code bytes} are its own even where they are part of a character. */
    record TokenLogprob(String token, double logprob, List<Integer> bytes, List<TopLogprob> topLogprobs) {
        static TokenLogprob of(ScoredToken token) {
            return new TokenLogprob(token.text(), number(token), numbers(token.bytes()),
                    token.top().stream()
                            .map(other -> new TopLogprob(other.text(), number(other), numbers(other.bytes())))
                            .toList());
        }
    }

    /** A token that might have been in its place. */
    record TopLogprob(String token, double logprob, List<Integer> bytes) {}

    private static double number(ScoredToken token) {
        return Math.max(VERY_UNLIKELY, Objects.requireNonNullElse(token.logprob(), VERY_UNLIKELY));
    }

    private static List<Integer> numbers(byte[] bytes) {
        return IntStream.range(0, bytes.length).mapToObj(i -> bytes[i] & 0xff).toList();
    }

    static List<Call> calls(List<ToolCallParser.Call> calls) {
        List<Call> wire = new ArrayList<>();
        for (ToolCallParser.Call call : calls) {
            wire.add(new Call(CallIds.of(call), "function", function(call)));
        }
        return wire;
    }

    static Function function(ToolCallParser.Call call) {
        return new Function(call.name(), call.arguments());
    }

    static String finishReason(AnswerStream.End end) {
        return switch (end) {
            case STOP -> "stop";
            case LENGTH, CONTEXT -> "length";
        };
    }
}
