/** The decoder of all supported architectures: weights, forward for inference, forward and explicit backward for training. */
@NullMarked
package dev.luthier.engine.decoder;

import org.jspecify.annotations.NullMarked;
