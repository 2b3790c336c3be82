package dev.luthier.engine.probe;

import dev.luthier.engine.decoder.LossSum;
import dev.luthier.engine.decoder.Pack;
import dev.luthier.engine.tensor.TensorScope;
import dev.luthier.engine.train.AdamW;
import dev.luthier.engine.train.Figures;
import dev.luthier.engine.train.LoraModel;
import dev.luthier.engine.train.OptimizerStep;

/** The two parts of an optimizer step of a LoRA training: micro-batches, and the update. */
public final class SyntheticStep implements AutoCloseable {
    private static final Figures NO_LOSS = Figures.of(new LossSum(0, 1, 0, 0));

    private final LoraModel model;
    private final OptimizerStep update;
    private int steps;

    /** Owns the model. */
    public SyntheticStep(LoraModel model) {
        this.model = model;
        update = new OptimizerStep(model.parameters(), new AdamW.Settings(0.9, 0.999, 1e-8, 0.0), 1);
    }

    /** Loss and gradients of a micro-batch. */
    public LossSum forwardBackward(Pack pack) {
        return model.decoder().forwardBackward(pack, pack.weightSum());
    }

    /** Loss of a micro-batch, without gradients. */
    public LossSum evaluate(Pack pack) {
        return model.decoder().evaluate(pack);
    }

    /** Whether there are layers below the adapted ones. */
    public boolean hasLowerLayers() {
        return model.decoder().lowestLayer() > 0;
    }

    /** Runs the layers below the adapted ones over a micro-batch. */
    public void runLowerLayers(Pack pack) {
        try (TensorScope _ = TensorScope.open()) {
            model.decoder().lowerHidden(pack);
        }
    }

    /** An update of gradients that are all zero: it takes the time of any other, whatever the model makes of random tokens. */
    public void update() {
        update.run(++steps, 1e-4, () -> NO_LOSS);
    }

    @Override
    public void close() {
        update.close();
        model.close();
    }
}
