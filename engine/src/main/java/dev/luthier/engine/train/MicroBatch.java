package dev.luthier.engine.train;

import dev.luthier.engine.decoder.LowerHidden;
import dev.luthier.engine.decoder.Pack;
import org.jspecify.annotations.Nullable;

/**
 * What passes through the model at once.
 *
 * @param lower what enters the lowest layer that learns, where it is known; null to compute it
 */
record MicroBatch(Pack pack, @Nullable LowerHidden lower) {}
