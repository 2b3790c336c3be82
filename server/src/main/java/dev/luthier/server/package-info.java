/** The server's start: settings, wiring, the running process. */
@NullMarked
package dev.luthier.server;

import org.jspecify.annotations.NullMarked;
