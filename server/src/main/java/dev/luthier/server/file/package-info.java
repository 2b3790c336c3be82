/** Uploaded files: their records, their bytes and who still needs them. */
@NullMarked
package dev.luthier.server.file;

import org.jspecify.annotations.NullMarked;
