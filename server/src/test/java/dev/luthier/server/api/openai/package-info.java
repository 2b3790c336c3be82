/** Tests of OpenAI's dialect that need its own classes. */
@NullMarked
package dev.luthier.server.api.openai;

import org.jspecify.annotations.NullMarked;
