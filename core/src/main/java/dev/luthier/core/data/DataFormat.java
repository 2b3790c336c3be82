package dev.luthier.core.data;

import dev.luthier.core.run.Task;

/** What the lines of a data file are. All lines of a file are of one format. */
public enum DataFormat {
    /** Conversations: lines with {@code messages}; the loss counts what the assistant says. */
    CHAT("messages", Task.Supervised.class),
    /** Plain text: lines with {@code text}; the loss counts every token. */
    PRETRAIN("text", Task.Supervised.class),
    /** Two answers to one conversation: lines with {@code input}, {@code preferred_output}, {@code non_preferred_output}. */
    PAIR("preferred_output", Task.Preference.class),
    /** Conversations or texts with {@code labels}. */
    LABELLED("labels", Task.Classification.class);

    private final String key;
    private final Class<? extends Task> task;

    DataFormat(String key, Class<? extends Task> task) {
        this.key = key;
        this.task = task;
    }

    /** The key that shows it. */
    String key() {
        return key;
    }

    /** Sequences that pass through the model for one line. */
    public int sequences() {
        return this == PAIR ? 2 : 1;
    }

    /** Whether such lines are samples of a kind of task. */
    public boolean suits(Class<? extends Task> kind) {
        return task == kind;
    }
}
