/** The service: two dialects over one store of jobs, files and models. */
@NullMarked
package dev.luthier.server;

import org.jspecify.annotations.NullMarked;
