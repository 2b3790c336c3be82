/** LoRA fine-tuning over a run directory: loop, optimizer, schedule, checkpoints. */
@NullMarked
package dev.luthier.engine.train;

import org.jspecify.annotations.NullMarked;
