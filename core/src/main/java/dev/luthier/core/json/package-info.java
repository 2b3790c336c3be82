/** The one JSON mapper and helpers to read untrusted trees. */
@NullMarked
package dev.luthier.core.json;

import org.jspecify.annotations.NullMarked;
