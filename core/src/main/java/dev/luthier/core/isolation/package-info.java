/** Programs of ours in processes of their own, for work on input that may end its process. */
@NullMarked
package dev.luthier.core.isolation;

import org.jspecify.annotations.NullMarked;
