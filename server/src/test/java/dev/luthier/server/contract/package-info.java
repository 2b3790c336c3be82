/** The vendors' official documents, and the rule that every response a test receives is as they say. */
@NullMarked
package dev.luthier.server.contract;

import org.jspecify.annotations.NullMarked;
