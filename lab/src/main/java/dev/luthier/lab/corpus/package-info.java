/** The text that the bundled base model is made from: a seeded generator, and the trainer of its tokenizer. */
@NullMarked
package dev.luthier.lab.corpus;

import org.jspecify.annotations.NullMarked;
