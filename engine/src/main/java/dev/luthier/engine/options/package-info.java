/** The command lines of the engine's programs. */
@NullMarked
package dev.luthier.engine.options;

import org.jspecify.annotations.NullMarked;
