@NullMarked
package dev.luthier.server.store;

import org.jspecify.annotations.NullMarked;
