package dev.luthier.server.api.chat;

import dev.luthier.core.problem.Problem;
import dev.luthier.server.api.RequestMemory;
import dev.luthier.server.serve.AnswerStream.Piece;
import dev.luthier.server.serve.ClassifierInputs;
import dev.luthier.server.serve.Prompt;
import dev.luthier.server.serve.ScoredToken;
import java.util.List;

/**
 * What whole answers take of the heap until they are sent: log-probabilities of many answers can be larger than all of
 * it. A request is admitted when there is room for what it may take; streams keep nothing. Thread-safe.
 */
public final class AnswerMemory {
    /** A token with its log-probability: as an object, as what is made of it for the answer, and as JSON. */
    private static final long SCORED_BYTES = 300;
    /** A character in the same three forms. */
    private static final long CHARACTER_BYTES = 6;
    private static final long CHARACTERS_PER_TOKEN = 5;
    /** A token of something to classify: as a number, and as JSON for the worker. */
    private static final long INPUT_TOKEN_BYTES = 20;

    private final RequestMemory memory;
    private final long mostBytes;

    /** @param memory shared with other requests; one request may take half of it */
    public AnswerMemory(RequestMemory memory) {
        this.memory = memory;
        this.mostBytes = memory.bytes() / 2;
    }

    /**
     * Admits the answers to prompts.
     *
     * @param each how many per prompt
     * @throws dev.luthier.core.problem.ProblemException RESOURCE {@code server_busy} if there is no room for a while
     */
    Share admit(List<Prompt> prompts, int each) {
        long bytes = 0;
        for (Prompt prompt : prompts) {
            Integer alternatives = prompt.options().logprobs();
            long token = CHARACTER_BYTES * CHARACTERS_PER_TOKEN
                    + (alternatives == null ? 0 : SCORED_BYTES * (1 + alternatives));
            bytes += token * prompt.mostAnswerTokens() * each;
        }
        return admit(Math.min(bytes, mostBytes));
    }

    /**
     * Admits the log-probabilities of tokens that are there already.
     *
     * @param alternatives to each
     * @throws dev.luthier.core.problem.ProblemException as above; USER {@code answer_too_large}
     */
    public Share admitScores(long tokens, int alternatives) {
        long bytes = SCORED_BYTES * tokens * (1 + alternatives);
        if (bytes > mostBytes) {
            throw tooLarge();
        }
        return admit(bytes);
    }

    /**
     * Admits what a classifier says of inputs.
     *
     * @throws dev.luthier.core.problem.ProblemException as above
     */
    public Share admit(ClassifierInputs inputs) {
        long bytes = INPUT_TOKEN_BYTES * inputs.tokenCount() + SCORED_BYTES * inputs.scoreCount();
        if (bytes > mostBytes) {
            throw Problem.user("answer_too_large", "Inputs and scores would take more than " + (mostBytes >> 20)
                    + " MiB of the server's memory. Send fewer inputs at once.", "input").asException();
        }
        return admit(bytes);
    }

    private Share admit(long bytes) {
        RequestMemory.Lease lease = memory.lease();
        lease.add(bytes);
        return new Share(lease);
    }

    private RuntimeException tooLarge() {
        return Problem.user("answer_too_large", "The answer would take more than " + (mostBytes >> 20)
                + " MiB of the server's memory. Stream it, or ask for fewer answers, tokens or alternatives"
                + " (n, max_tokens, top_logprobs), or raise the server's memory (LUTHIER_SERVER_HEAP).").asException();
    }

    /** What the answers to one request take. For one thread. Close it when they are sent. */
    public final class Share implements AutoCloseable {
        private final RequestMemory.Lease lease;
        private long usedBytes;

        private Share(RequestMemory.Lease lease) {
            this.lease = lease;
        }

        /**
         * Counts a piece of an answer.
         *
         * @throws dev.luthier.core.problem.ProblemException USER {@code answer_too_large}
         */
        void add(Piece piece) {
            long scores = 0;
            for (ScoredToken token : piece.tokens()) {
                scores += 1 + token.top().size();
            }
            usedBytes += CHARACTER_BYTES * piece.text().length() + SCORED_BYTES * scores;
            if (usedBytes > mostBytes) {
                throw tooLarge();
            }
        }

        /** The answers are begun anew, and what was read of them is forgotten. */
        void restart() {
            usedBytes = 0;
        }

        @Override
        public void close() {
            lease.close();
        }
    }
}
