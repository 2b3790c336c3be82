/** Our own routes, under {@code /luthier/v1}. */
@NullMarked
package dev.luthier.server.api.luthier;

import org.jspecify.annotations.NullMarked;
