/** What answering has in common in all dialects: fields of messages and tools, several answers at once, output. */
@NullMarked
package dev.luthier.server.api.chat;

import org.jspecify.annotations.NullMarked;
