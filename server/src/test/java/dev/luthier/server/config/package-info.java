@NullMarked
package dev.luthier.server.config;

import org.jspecify.annotations.NullMarked;
