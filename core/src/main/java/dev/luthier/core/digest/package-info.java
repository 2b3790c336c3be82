/** Hashes of bytes. */
@NullMarked
package dev.luthier.core.digest;

import org.jspecify.annotations.NullMarked;
