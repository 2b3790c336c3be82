package dev.luthier.core.adapter;

/** What a model does with an adapter. */
public enum AdapterKind {
    /** It continues a text. */
    COMPLETION("CAUSAL_LM"),
    /** It tells the labels of a text, by a head that is part of the adapter; {@link ClassifierConfig} says which. */
    CLASSIFIER("SEQ_CLS");

    private final String taskType;

    AdapterKind(String taskType) {
        this.taskType = taskType;
    }

    /** PEFT's {@code task_type}. */
    String taskType() {
        return taskType;
    }
}
