/** What every HTTP route shares: dialects, authentication, reading requests, errors. */
@NullMarked
package dev.luthier.server.api;

import org.jspecify.annotations.NullMarked;
