@NullMarked
package dev.luthier.server.key;

import org.jspecify.annotations.NullMarked;
