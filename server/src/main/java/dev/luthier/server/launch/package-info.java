/** Where runs run: launchers start a trainer on a run directory and watch its process. */
@NullMarked
package dev.luthier.server.launch;

import org.jspecify.annotations.NullMarked;
