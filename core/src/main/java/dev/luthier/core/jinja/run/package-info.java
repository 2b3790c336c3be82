/** Runs parsed Jinja templates. */
@NullMarked
package dev.luthier.core.jinja.run;

import org.jspecify.annotations.NullMarked;
