/** What a training run needs of a machine, told before it runs. */
@NullMarked
package dev.luthier.core.plan;

import org.jspecify.annotations.NullMarked;
