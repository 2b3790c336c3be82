package dev.luthier.server.serve;

import dev.luthier.core.chat.ToolCallParser.Answer;
import dev.luthier.core.chat.ToolCallParser.Call;
import dev.luthier.core.chat.ToolCallStream;
import dev.luthier.core.tokenizer.IncrementalDecoder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One answer as text, piece by piece, and the tool calls in it. Pieces are complete characters; stop strings, end tokens
 * and what makes a tool call are not among them, and neither are their log-probabilities.
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

    /**
     * A part of an answer.
     *
     * @param text may be empty where tokens have no text
     * @param tokens the tokens whose text starts in it, when log-probabilities are wanted; else none
     */
    public record Piece(String text, List<ScoredToken> tokens) {
        public Piece {
            tokens = List.copyOf(tokens);
        }

        boolean isEmpty() {
            return text.isEmpty() && tokens.isEmpty();
        }
    }

    private final TokenStream tokens;
    private final IncrementalDecoder decoder;
    private final @Nullable ToolCallStream toolCalls;
    private List<Call> calls = List.of();
    private final StopStrings stops;
    private final Target target;
    private final HeldScores scores = new HeldScores();
    private double logprobSum;
    private int generated;
    private @Nullable End end;

    /**
     * @param decoder keeps special tokens where the model may call tools, for some formats mark calls with them
     * @param toolCalls null if the model may call none
     */
    AnswerStream(TokenStream tokens, IncrementalDecoder decoder, @Nullable ToolCallStream toolCalls,
            StopStrings stops, Target target) {
        this.tokens = tokens;
        this.decoder = decoder;
        this.toolCalls = toolCalls;
        this.stops = stops;
        this.target = target;
    }

    /** The next piece, never empty; null at the end. */
    public @Nullable Piece next() {
        while (end == null) {
            Piece piece = advance();
            if (!piece.isEmpty()) {
                return piece;
            }
        }
        return null;
    }

    private Piece advance() {
        TokenStream.Token token = tokens.next();
        if (token == null) {
            return finish(switch (tokens.finish()) {
                case STOP -> End.STOP;
                case LENGTH -> tokens.endsWithContext() ? End.CONTEXT : End.LENGTH;
            }, stops.add(decoder.finish()));
        }
        generated++;
        logprobSum += token.score() == null ? 0 : token.score().logprob();
        if (target.model().stopTokens().contains(token.id())) {
            return finish(End.STOP, stops.add(decoder.finish()));
        }
        String decoded = decoder.add(token.id());
        if (token.score() != null) {
            scores.add(target.scored(token.score()), decoded.length());
        }
        String text = stops.add(decoded);
        if (stops.found()) {
            tokens.close();
            return finish(End.STOP, text);
        }
        String shown = toolCalls == null ? text : toolCalls.append(text);
        return new Piece(shown, scores.release(shown.length()));
    }

    private Piece finish(End why, String text) {
        end = why;
        String shown = text + stops.finish();
        if (toolCalls != null) {
            shown = toolCalls.append(shown);
            Answer rest = toolCalls.finish();
            calls = rest.calls();
            shown += rest.content();
        }
        List<ScoredToken> last = new ArrayList<>(scores.release(shown.length()));
        if (!stops.found() && calls.isEmpty()) {
            last.addAll(scores.releaseAll());
        }
        return new Piece(shown, last);
    }

    /**
     * The rest of the pieces in one, possibly empty.
     *
     * @param seen is told of each piece first; what it throws ends the reading
     */
    public Piece readRest(Consumer<Piece> seen) {
        StringBuilder text = new StringBuilder();
        List<ScoredToken> read = new ArrayList<>();
        for (Piece piece = next(); piece != null; piece = next()) {
            seen.accept(piece);
            text.append(piece.text());
            read.addAll(piece.tokens());
        }
        return new Piece(text.toString(), read);
    }

    /** What to run, on the thread that reads, once a second at least while the worker lives. */
    public void onSign(Runnable action) {
        tokens.onSign(action);
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

    /** Mean log-probability of those tokens; 0 where none were wanted. */
    public double meanLogprob() {
        return generated == 0 ? 0 : logprobSum / generated;
    }

    @Override
    public void close() {
        tokens.close();
    }
}
