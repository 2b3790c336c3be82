/** Text to token ids and back, as a model's tokenizer.json says. */
@NullMarked
package dev.luthier.core.tokenizer;

import org.jspecify.annotations.NullMarked;
