package dev.luthier.bench.train.report;

import dev.luthier.bench.train.input.BenchShape;
import dev.luthier.bench.train.run.MatchResult;
import dev.luthier.bench.train.run.Plan;
import dev.luthier.bench.train.run.Round;
import dev.luthier.core.model.ModelConfig;

/** The floating-point operations that training needs, whatever a program spends. */
final class TrainingFlops {
    private TrainingFlops() {}

    /**
     * {@code F = 4 P + 4 a V H + 6 P_l + 7 L s d_a}: no weight gradients of the base, the head only where there are
     * targets, attention over half of the square, nothing computed twice.
     *
     * @param targetShare a: targets of all tokens
     * @param attendedLength s: mean over the tokens of the length of their sequence
     * @param reference whether each token passes forward once more, before the first step: {@code 2 P + 2 a V H + 2 L s d_a}
     */
    static double perToken(BenchShape shape, int rank, double targetShare, double attendedLength, boolean reference) {
        ModelConfig config = shape.config();
        double head = (double) config.vocabSize() * config.hiddenSize();
        double attention = config.layers() * attendedLength * config.heads() * config.headDim();
        double step = 4.0 * shape.linearParameters() + 4 * targetShare * head + 6.0 * shape.adapterParameters(rank)
                + 7 * attention;
        return reference ? step + 2.0 * shape.linearParameters() + 2 * targetShare * head + 2 * attention : step;
    }

    /** Model FLOP utilisation of a round: the share of the rate of matrix products alone. */
    static double utilisation(MatchResult match, Round round) {
        double share = (double) round.targets() / round.tokens();
        return round.tokensPerSecond() * perToken(match.plan().shape(), Plan.RANK, share, match.attendedLength(),
                match.plan().data().isPairs())
                / match.productRate();
    }
}
