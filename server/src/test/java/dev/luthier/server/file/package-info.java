@NullMarked
package dev.luthier.server.file;

import org.jspecify.annotations.NullMarked;
