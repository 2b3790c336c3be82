/** Programs that drive libtorch: trainer, inference worker, probe, pre-training. */
@NullMarked
package dev.luthier.engine;

import org.jspecify.annotations.NullMarked;
