/** How models are trained, as far as somebody said it: the keys, their values, and recipes of them. */
@NullMarked
package dev.luthier.server.training;

import org.jspecify.annotations.NullMarked;
