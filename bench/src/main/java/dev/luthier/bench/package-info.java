/** Benchmarks of the whole product, driven from outside. */
@NullMarked
package dev.luthier.bench;

import org.jspecify.annotations.NullMarked;
