package dev.luthier.server.api.chat;

import dev.luthier.core.problem.Problem;
import dev.luthier.server.api.RequestMemory;
import dev.luthier.server.serve.AnswerStream.Piece;
import dev.luthier.server.serve.ScoredToken;

/**
 * What whole answers take of the heap until they are sent: log-probabilities of many choices can be larger than all of
 * it. Streams keep nothing. Thread-safe.
 */
public final class AnswerMemory {
    /** A token with its log-probability: as an object, as what is made of it for the answer, and as JSON. */
    private static final long SCORED_BYTES = 300;
    /** A character in the same three forms. */
    private static final long CHARACTER_BYTES = 6;

    private final RequestMemory memory;
    private final long mostBytes;

    /** @param memory shared with other requests; one request may take half of it */
    public AnswerMemory(RequestMemory memory) {
        this.memory = memory;
        this.mostBytes = memory.bytes() / 2;
    }

    /** The share of one request, at first nothing. For one thread. */
    public Share share() {
        return new Share(memory.lease());
    }

    /** What the answers to one request take. Close it when they are sent. */
    public final class Share implements AutoCloseable {
        private final RequestMemory.Lease lease;

        private Share(RequestMemory.Lease lease) {
            this.lease = lease;
        }

        /**
         * Takes what a piece of an answer needs.
         *
         * @throws dev.luthier.core.problem.ProblemException USER {@code answer_too_large}; RESOURCE {@code server_busy}
         */
        void add(Piece piece) {
            long scores = 0;
            for (ScoredToken token : piece.tokens()) {
                scores += 1 + token.top().size();
            }
            add(CHARACTER_BYTES * piece.text().length() + SCORED_BYTES * scores);
        }

        /**
         * Takes what tokens with log-probabilities need.
         *
         * @param alternatives to each
         * @throws dev.luthier.core.problem.ProblemException as above
         */
        public void addScores(long tokens, int alternatives) {
            add(SCORED_BYTES * tokens * (1 + alternatives));
        }

        private void add(long bytes) {
            if (lease.bytes() + bytes > mostBytes) {
                throw Problem.user("answer_too_large", "The answer would take more than " + (mostBytes >> 20)
                        + " MiB of the server's memory. Stream it, or ask for fewer answers, tokens or alternatives"
                        + " (n, max_tokens, top_logprobs), or raise the server's memory (LUTHIER_SERVER_HEAP).")
                        .asException();
            }
            lease.add(bytes);
        }

        @Override
        public void close() {
            lease.close();
        }
    }
}
