/** Training of a whole small model from scratch. */
@NullMarked
package dev.luthier.engine.pretrain;

import org.jspecify.annotations.NullMarked;
