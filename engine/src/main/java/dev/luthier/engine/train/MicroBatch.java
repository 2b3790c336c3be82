package dev.luthier.engine.train;

import dev.luthier.engine.decoder.LowerHidden;
import dev.luthier.engine.decoder.Pack;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What passes through the model at once.
 *
 * @param units whose sequences the pack has, in order
 * @param lower what enters the lowest layer that learns, where it is known; null to compute it
 */
record MicroBatch(Pack pack, List<UnitPlace> units, @Nullable LowerHidden lower) {
    MicroBatch {
        units = List.copyOf(units);
    }
}
