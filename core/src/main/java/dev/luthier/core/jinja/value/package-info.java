/** Values of the Jinja language with Python's semantics: types, arithmetic, comparison, methods, printing; and what bounds them. */
@NullMarked
package dev.luthier.core.jinja.value;

import org.jspecify.annotations.NullMarked;
