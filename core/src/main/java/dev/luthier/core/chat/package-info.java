/** Conversations, the chat template that turns them into text, the spans a model learns from, and tool calls in answers. */
@NullMarked
package dev.luthier.core.chat;

import org.jspecify.annotations.NullMarked;
