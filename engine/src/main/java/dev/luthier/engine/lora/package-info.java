/** Low-rank adapters: weights, initialisation, PEFT files, merging. */
@NullMarked
package dev.luthier.engine.lora;

import org.jspecify.annotations.NullMarked;
