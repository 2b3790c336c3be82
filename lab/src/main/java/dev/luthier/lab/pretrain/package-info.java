/** Training of a whole small model from scratch. */
@NullMarked
package dev.luthier.lab.pretrain;

import org.jspecify.annotations.NullMarked;
