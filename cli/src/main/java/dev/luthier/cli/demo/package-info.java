/** The demonstration: the main job end to end, with its proof. */
@NullMarked
package dev.luthier.cli.demo;

import org.jspecify.annotations.NullMarked;
