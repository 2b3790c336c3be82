@NullMarked
package dev.luthier.server.idempotency;

import org.jspecify.annotations.NullMarked;
