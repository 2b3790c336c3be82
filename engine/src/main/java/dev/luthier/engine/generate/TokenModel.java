package dev.luthier.engine.generate;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * What the {@link GenerationLoop} needs of a model: rows of cached tokens, and a step that takes some further tokens of
 * several rows at once. Everything happens on the thread that made it.
 */
interface TokenModel extends AutoCloseable {

    /** Number of logits per token. */
    int vocabSize();

    /** Tokens a row may hold, prompt included. */
    int maxContext();

    /** Tokens that end every generation, from the model's generation settings. */
    Set<Integer> endTokens();

    /** Whether one more row of up to this many tokens fits into the cache beside the open ones. */
    boolean hasRoomFor(int tokens);

    /**
     * Opens an empty row.
     *
     * @param adapter name of a loaded adapter, or null for the base model
     * @param tokens the most tokens that the row will hold
     * @throws dev.luthier.core.problem.ProblemException if the adapter is not loaded, or is a classifier (USER)
     */
    Row open(@Nullable String adapter, int tokens);

    /**
     * Appends tokens to rows and computes the logits after the last tokens of each. When it throws, no row has changed
     * its length, and the same step may be tried again.
     *
     * @param pieces at most one per row
     * @return for each piece the logits [N, V] after its last N tokens, as many as it asks for
     */
    float[][][] step(List<Piece> pieces);

    /**
     * The probability of each label for whole texts, in one pass that keeps nothing.
     *
     * @param adapter name of a loaded classifier
     * @param texts token ids of each, at least one
     * @return for each text one per label, in the order of the classifier's targets
     * @throws dev.luthier.core.problem.ProblemException if the adapter is not loaded, or is no classifier (USER)
     */
    double[][] classify(String adapter, List<int[]> texts);

    /** Reads an adapter directory in PEFT layout; faults in it are USER problems. */
    void loadAdapter(String name, Path directory);

    /** Forgets an adapter; rows that use it go on. Returns false if there is none of this name. */
    boolean unloadAdapter(String name);

    /** Names of the loaded adapters. */
    Set<String> adapters();

    @Override
    void close();

    /** A sequence in the cache. */
    interface Row extends AutoCloseable {
        /** Tokens cached so far. */
        int length();

        /** Gives the place in the cache back. */
        @Override
        void close();
    }

    /**
     * Further tokens of a row.
     *
     * @param tokens at least one
     * @param logits how many of the last tokens, up to all, the logits are needed after; often 0 or 1
     */
    @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
    record Piece(Row row, int[] tokens, int logits) {}
}
