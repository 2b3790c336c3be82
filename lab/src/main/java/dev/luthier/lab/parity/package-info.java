/** The engine's side of {@code bench/run parity}: numbers of training and serving, as files that other programs compare. */
@NullMarked
package dev.luthier.lab.parity;

import org.jspecify.annotations.NullMarked;
