/** The worker pool against a program that stands in for the worker. */
@NullMarked
package dev.luthier.server.serve;

import org.jspecify.annotations.NullMarked;
