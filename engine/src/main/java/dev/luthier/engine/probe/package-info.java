/** Measures one training step of a base model on this host. */
@NullMarked
package dev.luthier.engine.probe;

import org.jspecify.annotations.NullMarked;
