/** Training data: JSON Lines in, faults or token sequences out, and the order in which training visits them. */
@NullMarked
package dev.luthier.core.data;

import org.jspecify.annotations.NullMarked;
