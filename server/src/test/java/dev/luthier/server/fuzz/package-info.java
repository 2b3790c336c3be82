/** Requests as no client should send them. */
@NullMarked
package dev.luthier.server.fuzz;

import org.jspecify.annotations.NullMarked;
