/** Jinja source text to statements and expressions. */
@NullMarked
package dev.luthier.core.jinja.syntax;

import org.jspecify.annotations.NullMarked;
