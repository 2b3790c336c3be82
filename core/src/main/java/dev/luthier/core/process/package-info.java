/** What commands that start other programs, and leave files for a while, owe the machine. */
@NullMarked
package dev.luthier.core.process;

import org.jspecify.annotations.NullMarked;
