/** Generation with a key-value cache, continuous batching over adapters, and the inference worker around it. */
@NullMarked
package dev.luthier.engine.generate;

import org.jspecify.annotations.NullMarked;
