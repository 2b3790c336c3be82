/**
 * An interpreter of the Jinja language with Python's value semantics: what Hugging Face chat templates are written in.
 *
 * <p>Templates are untrusted. They reach nothing but the values they are given (no reflection, files or clock unless
 * handed in), and work, output, nesting and sizes are bounded.
 *
 * <p>Each package below uses those before it: {@code value}, {@code filter}, {@code syntax}, {@code run}.
 */
@NullMarked
package dev.luthier.core.jinja;

import org.jspecify.annotations.NullMarked;
