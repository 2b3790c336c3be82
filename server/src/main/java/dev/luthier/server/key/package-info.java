/** API keys, organizations and projects; secrets at rest. */
@NullMarked
package dev.luthier.server.key;

import org.jspecify.annotations.NullMarked;
