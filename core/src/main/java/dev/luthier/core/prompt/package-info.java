/** Prompts as a model's tokens, made in a process that may die. */
@NullMarked
package dev.luthier.core.prompt;

import org.jspecify.annotations.NullMarked;
