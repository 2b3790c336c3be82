package dev.luthier.core.data;

/** What the lines of a data file are. All lines of a file are of one format. */
public enum DataFormat {
    /** Conversations: lines with {@code messages}; the loss counts what the assistant says. */
    CHAT,
    /** Plain text: lines with {@code text}; the loss counts every token. */
    PRETRAIN
}
