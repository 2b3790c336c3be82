/** Matrices in 4 bits: quantising, dequantising. */
@NullMarked
package dev.luthier.engine.quant;

import org.jspecify.annotations.NullMarked;
