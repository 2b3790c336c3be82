/** Benchmarks of the engine. */
@NullMarked
package dev.luthier.lab.bench;

import org.jspecify.annotations.NullMarked;
