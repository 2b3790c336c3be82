/** Tests of jobs and their runs. */
@NullMarked
package dev.luthier.server.job;

import org.jspecify.annotations.NullMarked;
