/** Files that users name. */
@NullMarked
package dev.luthier.core.file;

import org.jspecify.annotations.NullMarked;
