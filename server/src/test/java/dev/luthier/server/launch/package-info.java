@NullMarked
package dev.luthier.server.launch;

import org.jspecify.annotations.NullMarked;
