package dev.luthier.engine.probe;

import dev.luthier.engine.decoder.LossSum;
import dev.luthier.engine.decoder.Pack;
import dev.luthier.engine.tensor.TensorScope;
import dev.luthier.engine.train.AdamW;
import dev.luthier.engine.train.LoraModel;
import java.util.List;

/** The two parts of an optimizer step of a LoRA training: micro-batches, and the update. */
public final class SyntheticStep implements AutoCloseable {
    private final LoraModel model;
    private final AdamW optimizer;
    private int steps;

    /** Owns the model. */
    public SyntheticStep(LoraModel model) {
        this.model = model;
        optimizer = new AdamW(model.adapter().flat(), new AdamW.Settings(0.9, 0.999, 1e-8, 0.0),
                List.of(new AdamW.Span(0, model.adapter().layout().size())));
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

    /** Clips the gradients, moves the adapter, clears the gradients. */
    public void update() {
        try (TensorScope _ = TensorScope.open()) {
            double norm = AdamW.clip(model.gradients().flat(), 1);
            optimizer.step(model.gradients().flat(), ++steps, Double.isFinite(norm) ? 1e-4 : 0);
            model.gradients().flat().zero_();
            model.refresh();
        }
    }

    @Override
    public void close() {
        optimizer.close();
        model.close();
    }
}
