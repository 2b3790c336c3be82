/** Model directories in Hugging Face layout: configuration, weights, special tokens, chat templates. */
@NullMarked
package dev.luthier.core.model;

import org.jspecify.annotations.NullMarked;
