/** Figures of a run, and the tables made of them. */
@NullMarked
package dev.luthier.bench.train.report;

import org.jspecify.annotations.NullMarked;
