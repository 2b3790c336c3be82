/** Routing of generations to inference workers: processes started on demand, under a memory budget. */
@NullMarked
package dev.luthier.server.serve;

import org.jspecify.annotations.NullMarked;
