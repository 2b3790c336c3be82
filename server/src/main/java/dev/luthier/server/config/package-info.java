/** Settings and the data directory: what the operator decides before the server starts. */
@NullMarked
package dev.luthier.server.config;

import org.jspecify.annotations.NullMarked;
