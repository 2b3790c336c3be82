package dev.luthier.core.chat;

/** How a message with tool calls says that it has no text; templates can tell the three apart. */
public enum NoContent {
    /** The key {@code content} is not there. */
    ABSENT,
    /** {@code content} is null: {@code None} in templates. */
    NULL,
    /** {@code content} is the empty string. */
    EMPTY
}
