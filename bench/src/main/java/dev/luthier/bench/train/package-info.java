/** {@code luthier bench train}: speed and memory of training beside what users would pick instead. */
@NullMarked
package dev.luthier.bench.train;

import org.jspecify.annotations.NullMarked;
