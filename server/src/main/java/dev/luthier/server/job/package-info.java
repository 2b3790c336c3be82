/** Jobs: what users ask for, how it is stored, and the reconciler that brings it about. */
@NullMarked
package dev.luthier.server.job;

import org.jspecify.annotations.NullMarked;
