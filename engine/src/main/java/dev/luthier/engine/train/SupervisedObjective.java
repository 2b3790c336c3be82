package dev.luthier.engine.train;

import dev.luthier.engine.decoder.LossSum;
import dev.luthier.engine.decoder.TrainingDecoder;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Cross-entropy of the target tokens, by their loss weights. */
final class SupervisedObjective implements Objective {
    private final TrainingDecoder decoder;

    /** @param decoder not owned */
    SupervisedObjective(TrainingDecoder decoder) {
        this.decoder = decoder;
    }

    @Override
    public boolean prepare(BooleanSupplier stop) {
        return true;
    }

    @Override
    public Figures addGradients(List<MicroBatch> step) {
        double weight = step.stream().mapToDouble(batch -> batch.pack().weightSum()).sum();
        return Figures.of(step.stream().map(batch -> decoder.forwardBackward(batch.pack(), weight, batch.lower()))
                .reduce(LossSum.ZERO, LossSum::plus));
    }

    @Override
    public Figures evaluate(MicroBatch batch) {
        return Figures.of(decoder.evaluate(batch.pack(), batch.lower()));
    }

    @Override
    public void close() {
        // Owns nothing.
    }
}
