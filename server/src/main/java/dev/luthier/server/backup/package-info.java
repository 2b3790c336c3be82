/** Copies of data directories, made while a server runs, and data directories made of them. */
@NullMarked
package dev.luthier.server.backup;

import org.jspecify.annotations.NullMarked;
