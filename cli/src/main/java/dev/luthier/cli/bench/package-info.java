/** Benchmarks of the service as a whole. */
@NullMarked
package dev.luthier.cli.bench;

import org.jspecify.annotations.NullMarked;
