package dev.luthier.engine.generate;

import dev.luthier.core.problem.Problem;
import dev.luthier.engine.generate.Generation.Event;
import dev.luthier.engine.generate.Generation.Finish;
import dev.luthier.engine.generate.Generation.Logprob;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/** A generation that has a row in the cache: how much of its prompt is read, and its newest token. */
final class ActiveRow implements AutoCloseable {
    private final Generation generation;
    private final TokenModel.Row row;
    private final int limit;
    private final Set<Integer> endTokens;
    private final Sampler sampler;
    /** Of the prompt's tokens but the first, as far as it is read; empty unless they are wanted. */
    private final List<Logprob> promptLogprobs = new ArrayList<>();
    private int newest;
    private int generated;
    private boolean done;
    private TokenModel.@Nullable Piece piece;

    /** @param limit tokens of prompt and answer together at which the generation ends */
    ActiveRow(Generation generation, TokenModel.Row row, int limit, Set<Integer> endTokens) {
        this.generation = generation;
        this.row = row;
        this.limit = limit;
        this.endTokens = endTokens;
        this.sampler = new Sampler(generation.request().sampling(), generation.request().prompt());
    }

    Generation generation() {
        return generation;
    }

    boolean isDone() {
        return done;
    }

    boolean scoresPrompt() {
        return generation.request().scoresPrompt();
    }

    /**
     * Decides what this row contributes to the next step: its newest token, or as much of its prompt as is allowed.
     *
     * @return how many prompt tokens that takes
     */
    int plan(int promptTokens) {
        int[] prompt = generation.request().prompt();
        int read = row.length();
        if (read >= prompt.length) {
            piece = new TokenModel.Piece(row, new int[]{newest}, 1);
            return 0;
        }
        int taken = Math.min(promptTokens, prompt.length - read);
        piece = taken == 0
                ? null
                : new TokenModel.Piece(row, Arrays.copyOfRange(prompt, read, read + taken),
                        scoresPrompt() ? taken : read + taken == prompt.length ? 1 : 0);
        return taken;
    }

    boolean hasPiece() {
        return piece != null;
    }

    TokenModel.Piece piece() {
        if (piece == null) {
            throw new IllegalStateException("no piece was planned");
        }
        return piece;
    }

    /** Takes the logits [N, V] that the planned piece asked for. */
    void accept(float[][] logits) {
        int[] prompt = generation.request().prompt();
        if (scoresPrompt() && generated == 0) {
            scorePrompt(prompt, row.length() - logits.length + 1, logits);
        }
        if (row.length() >= prompt.length) {
            choose(logits[logits.length - 1]);
        }
    }

    /** @param position of the prompt's token that follows the first of the logits */
    private void scorePrompt(int[] prompt, int position, float[][] logits) {
        for (int i = 0; i < logits.length && position + i < prompt.length; i++) {
            promptLogprobs.add(Logprobs.of(logits[i], prompt[position + i], generation.request().promptLogprobs()));
        }
        if (row.length() == prompt.length) {
            generation.publish(new Event.PromptScored(List.copyOf(promptLogprobs)));
        }
    }

    private void choose(float[] logits) {
        Generation.Request request = generation.request();
        float[] raw = request.logprobs() >= 0 ? logits.clone() : logits;
        newest = sampler.next(logits);
        generated++;
        generation.publish(new Event.Token(newest,
                request.logprobs() >= 0 ? Logprobs.of(raw, newest, request.logprobs()) : null));
        if (request.stopTokens().contains(newest)) {
            finish(Finish.STOP, newest);
        } else if (!request.ignoreEnd() && endTokens.contains(newest)) {
            finish(Finish.STOP, null);
        } else if (request.prompt().length + generated >= limit) {
            finish(Finish.LENGTH, null);
        }
    }

    void fail(Problem problem) {
        generation.publish(new Event.Failed(problem));
        done = true;
    }

    private void finish(Finish reason, @Nullable Integer stopToken) {
        generation.publish(new Event.Finished(reason, stopToken));
        done = true;
    }

    @Override
    public void close() {
        row.close();
    }
}
