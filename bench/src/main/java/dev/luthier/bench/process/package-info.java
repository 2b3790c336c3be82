/** The programs that are measured, as processes of their own. */
@NullMarked
package dev.luthier.bench.process;

import org.jspecify.annotations.NullMarked;
