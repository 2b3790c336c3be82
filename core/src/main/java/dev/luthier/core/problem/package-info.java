/** Faults as values: what is wrong, where, and what to do. */
@NullMarked
package dev.luthier.core.problem;

import org.jspecify.annotations.NullMarked;
