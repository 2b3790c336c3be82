@NullMarked
package dev.luthier.server.api;

import org.jspecify.annotations.NullMarked;
