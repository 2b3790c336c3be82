@NullMarked
package dev.luthier.server.api.chat;

import org.jspecify.annotations.NullMarked;
