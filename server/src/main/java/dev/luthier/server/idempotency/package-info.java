/** Requests that are sent twice and done once: who is at work on them, and what they were answered with. */
@NullMarked
package dev.luthier.server.idempotency;

import org.jspecify.annotations.NullMarked;
