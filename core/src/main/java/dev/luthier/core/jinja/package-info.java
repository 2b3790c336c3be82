/**
 * An interpreter of the Jinja language with Python's value semantics: what Hugging Face chat templates are written in.
 *
 * <p>Templates are untrusted. They reach nothing but the values they are given (no reflection, files or clock unless
 * handed in), and work, output, nesting and sizes are bounded.
 */
@NullMarked
package dev.luthier.core.jinja;

import org.jspecify.annotations.NullMarked;
