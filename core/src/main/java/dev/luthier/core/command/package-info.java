/** What the command lines of all programs have in common. */
@NullMarked
package dev.luthier.core.command;

import org.jspecify.annotations.NullMarked;
