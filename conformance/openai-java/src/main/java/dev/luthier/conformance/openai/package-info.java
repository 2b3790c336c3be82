/** Everything that the official Java SDK of OpenAI offers of Luthier's routes. */
@NullMarked
package dev.luthier.conformance.openai;

import org.jspecify.annotations.NullMarked;
