@NullMarked
package dev.luthier.server.api.luthier;

import org.jspecify.annotations.NullMarked;
