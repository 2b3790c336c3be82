/** LoRA adapters on disk in PEFT's layout, and what they look like. */
@NullMarked
package dev.luthier.core.adapter;

import org.jspecify.annotations.NullMarked;
