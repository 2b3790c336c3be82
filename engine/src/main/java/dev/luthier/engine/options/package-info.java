/** What the command lines of the engine's programs have in common. */
@NullMarked
package dev.luthier.engine.options;

import org.jspecify.annotations.NullMarked;
