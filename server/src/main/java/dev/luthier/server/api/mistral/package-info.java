/** Mistral's API: wire records, mappers and controllers, under {@code /mistral/v1}. */
@NullMarked
package dev.luthier.server.api.mistral;

import org.jspecify.annotations.NullMarked;
