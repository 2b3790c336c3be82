/** The run directory: the protocol between the server and a trainer. */
@NullMarked
package dev.luthier.core.run;

import org.jspecify.annotations.NullMarked;
