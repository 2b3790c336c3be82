/** Tensor files in the safetensors format: read mapped, written durably. */
@NullMarked
package dev.luthier.core.safetensors;

import org.jspecify.annotations.NullMarked;
