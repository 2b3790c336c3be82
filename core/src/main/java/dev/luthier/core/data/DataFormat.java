package dev.luthier.core.data;

import dev.luthier.core.run.Task;

/** What the lines of a data file are. All lines of a file are of one format. */
public enum DataFormat {
    /** Conversations: lines with {@code messages}; the loss counts what the assistant says. */
    CHAT("messages"),
    /** Plain text: lines with {@code text}; the loss counts every token. */
    PRETRAIN("text"),
    /** Two answers to one conversation: lines with {@code input}, {@code preferred_output}, {@code non_preferred_output}. */
    PAIR("preferred_output"),
    /** Conversations or texts with {@code labels}. */
    LABELLED("labels");

    private final String key;

    DataFormat(String key) {
        this.key = key;
    }

    /** The key that shows it. */
    String key() {
        return key;
    }

    /** Sequences that pass through the model for one line. */
    public int sequences() {
        return this == PAIR ? 2 : 1;
    }

    /** Whether a training for a task takes such lines. */
    public boolean suits(Task task) {
        return switch (task) {
            case Task.Supervised supervised -> this == CHAT || this == PRETRAIN;
            case Task.Preference preference -> this == PAIR;
            case Task.Classification classification -> this == LABELLED;
        };
    }
}
