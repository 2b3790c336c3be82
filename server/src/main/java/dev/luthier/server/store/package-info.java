/** The database: one writer, several readers, migrations. */
@NullMarked
package dev.luthier.server.store;

import org.jspecify.annotations.NullMarked;
