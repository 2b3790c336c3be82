/** The whole product, driven from outside. */
@NullMarked
package dev.luthier.conformance;

import org.jspecify.annotations.NullMarked;
