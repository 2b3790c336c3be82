package dev.luthier.server.serve;

import dev.luthier.core.chat.ToolCallParser.Answer;
import dev.luthier.core.chat.ToolCallParser.Call;
import dev.luthier.core.chat.ToolCallStream;
import dev.luthier.core.tokenizer.IncrementalDecoder;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One answer as text, piece by piece, and the tool calls in it. Pieces are complete characters; stop strings, end tokens
 * and what makes a tool call are not among them.
 * Read by one thread; closing it before the end cancels the generation.
 */
public final class AnswerStream implements AutoCloseable {

    /** Why an answer ended. */
    public enum End {
        /** The model was done, or a stop string came. */
        STOP,
        /** The limit of the request. */
        LENGTH,
        /** The model's context was full before the limit of the request, if there was one. */
        CONTEXT
    }

    private final TokenStream tokens;
    private final IncrementalDecoder decoder;
    private final @Nullable ToolCallStream toolCalls;
    private List<Call> calls = List.of();
    private final StopStrings stops;
    private final Set<Integer> stopTokens;
    private int generated;
    private @Nullable End end;

    /**
     * @param decoder keeps special tokens where the model may call tools, for some formats mark calls with them
     * @param toolCalls null if the model may call none
     */
    AnswerStream(TokenStream tokens, IncrementalDecoder decoder, @Nullable ToolCallStream toolCalls,
            StopStrings stops, Set<Integer> stopTokens) {
        this.tokens = tokens;
        this.decoder = decoder;
        this.toolCalls = toolCalls;
        this.stops = stops;
        this.stopTokens = stopTokens;
    }

    /** The next piece, never empty; null at the end. */
    public @Nullable String next() {
        while (end == null) {
            String text = advance();
            if (!text.isEmpty()) {
                return text;
            }
        }
        return null;
    }

    private String advance() {
        int token = tokens.next();
        if (token < 0) {
            return finish(switch (tokens.finish()) {
                case STOP -> End.STOP;
                case LENGTH -> tokens.endsWithContext() ? End.CONTEXT : End.LENGTH;
            }, stops.add(decoder.finish()));
        }
        generated++;
        if (stopTokens.contains(token)) {
            return finish(End.STOP, stops.add(decoder.finish()));
        }
        String text = stops.add(decoder.add(token));
        if (stops.found()) {
            tokens.close();
            return finish(End.STOP, text);
        }
        return toolCalls == null ? text : toolCalls.append(text);
    }

    private String finish(End why, String text) {
        end = why;
        String last = text + stops.finish();
        if (toolCalls == null) {
            return last;
        }
        String shown = toolCalls.append(last);
        Answer rest = toolCalls.finish();
        calls = rest.calls();
        return shown + rest.content();
    }

    /** The rest of the pieces in one, possibly empty. */
    public String readRest() {
        StringBuilder text = new StringBuilder();
        for (String piece = next(); piece != null; piece = next()) {
            text.append(piece);
        }
        return text.toString();
    }

    /** The tools that the model calls, in order; known once {@link #next} has returned null. */
    public List<Call> calls() {
        return calls;
    }

    /** Why it ended; known once {@link #next} has returned null. */
    public End end() {
        if (end == null) {
            throw new IllegalStateException("the answer goes on");
        }
        return end;
    }

    /** Tokens that the model made so far, the one that ended the answer included. */
    public int generatedTokens() {
        return generated;
    }

    @Override
    public void close() {
        tokens.close();
    }
}
