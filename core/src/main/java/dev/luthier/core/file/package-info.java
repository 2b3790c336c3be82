/** Files that users name: whether they can be read, and what kind they are. */
@NullMarked
package dev.luthier.core.file;

import org.jspecify.annotations.NullMarked;
