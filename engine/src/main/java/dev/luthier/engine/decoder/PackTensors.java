package dev.luthier.engine.decoder;

import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * What all layers need to know of a pack. Legend: T tokens, E = headDim.
 *
 * @param rows T
 * @param tokens int64 [T]
 * @param queryRotation rows for T, scaled by 1 / sqrt(E)
 * @param keyRotation rows for T
 * @param plans by attention window; none where the layers use {@link FlashAttention}, which needs no masks
 * @param bounds of the samples
 */
record PackTensors(long rows, Tensor tokens, RotaryTable queryRotation, RotaryTable keyRotation,
        Map<Integer, AttentionPlan> plans, SampleBounds bounds) {

    AttentionPlan plan(int window) {
        AttentionPlan plan = plans.get(window);
        if (plan == null) {
            throw new IllegalArgumentException("no plan for window " + window);
        }
        return plan;
    }
}
