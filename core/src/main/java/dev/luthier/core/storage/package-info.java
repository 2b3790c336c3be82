/** Faults of the disk. */
@NullMarked
package dev.luthier.core.storage;

import org.jspecify.annotations.NullMarked;
