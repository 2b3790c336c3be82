/** The command line. */
@NullMarked
package dev.luthier.cli;

import org.jspecify.annotations.NullMarked;
