/** The programs that are measured, run in turn. */
@NullMarked
package dev.luthier.bench.train.run;

import org.jspecify.annotations.NullMarked;
