/** Benchmarks of the engine. */
@NullMarked
package dev.luthier.engine.bench;

import org.jspecify.annotations.NullMarked;
