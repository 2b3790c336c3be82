/** Filters and tests of the Jinja language, by name. */
@NullMarked
package dev.luthier.core.jinja.filter;

import org.jspecify.annotations.NullMarked;
