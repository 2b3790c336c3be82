package dev.luthier.bench.train.run;

import dev.luthier.bench.train.input.BenchShape;
import dev.luthier.bench.train.input.DataKind;
import dev.luthier.core.run.MemoryTier;
import org.jspecify.annotations.Nullable;

/**
 * What is measured, and how long.
 *
 * @param type number type of Luthier: bf16, fp32, or auto for what its self-test finds faster
 * @param rounds in which each program runs once
 * @param stepsPerRound steps of a round
 * @param samplesPerStep of an optimizer step, on both sides
 * @param threads of each program
 * @param memoryTier of Luthier; null for the planner's choice
 * @param microBatchTokens packing length of Luthier; 0 for the planner's choice
 * @param peerMicroBatchTokens tokens of a pass of the tuned peers, at most; the default recipe has its own
 * @param stepLimitSeconds that one step may take, loading and compiling included
 */
public record Plan(BenchShape shape, DataKind data, String type, int rounds, int stepsPerRound, int samplesPerStep,
        int threads,
        @Nullable MemoryTier memoryTier, int microBatchTokens, int peerMicroBatchTokens, int stepLimitSeconds) {
    /** Steps that are not counted. */
    public static final int WARM_UP_STEPS = 3;
    public static final int RANK = 16;
    public static final int ALPHA = 32;
    static final int SEED = 1;

    /** The same with a packing length. */
    Plan withPacks(int tokens) {
        return new Plan(shape, data, type, rounds, stepsPerRound, samplesPerStep, threads, memoryTier, tokens,
                peerMicroBatchTokens, stepLimitSeconds);
    }

    /** Steps of a program in all; together they are one epoch. */
    public int steps() {
        return WARM_UP_STEPS + rounds * stepsPerRound;
    }

    /** Samples of the data set. */
    public int samples() {
        return steps() * samplesPerStep;
    }

    /** Samples of a pass of a tuned peer, at most. */
    int peerMicroBatch() {
        return Math.clamp(peerMicroBatchTokens / (data.longest() * data.sequences()), 1, samplesPerStep);
    }
}
