/** How many requests the server answers, beside a hello-world of the framework that it is built on. */
@NullMarked
package dev.luthier.bench.requests;

import org.jspecify.annotations.NullMarked;
