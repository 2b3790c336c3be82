/** Measures what this machine computes fast. */
@NullMarked
package dev.luthier.engine.arithmetic;

import org.jspecify.annotations.NullMarked;
