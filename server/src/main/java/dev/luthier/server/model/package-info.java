/** What requests can name as a model: base models on disk, their aliases, and the adapters trained or added here. */
@NullMarked
package dev.luthier.server.model;

import org.jspecify.annotations.NullMarked;
