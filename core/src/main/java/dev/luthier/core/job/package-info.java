/** What a user asks for: jobs and their states. */
@NullMarked
package dev.luthier.core.job;

import org.jspecify.annotations.NullMarked;
