/** The HTTP client of a server, and what follows a job with it. */
@NullMarked
package dev.luthier.cli.client;

import org.jspecify.annotations.NullMarked;
