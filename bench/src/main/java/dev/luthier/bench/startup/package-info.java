/** How soon the server answers, and in how much memory. */
@NullMarked
package dev.luthier.bench.startup;

import org.jspecify.annotations.NullMarked;
