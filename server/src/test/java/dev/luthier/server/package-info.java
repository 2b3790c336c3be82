@NullMarked
package dev.luthier.server;

import org.jspecify.annotations.NullMarked;
