/** libtorch from Java: start-up, scopes, element types, boxed operators, copies to and from the host. */
@NullMarked
package dev.luthier.engine.tensor;

import org.jspecify.annotations.NullMarked;
