package dev.luthier.core.run;

/** What the server wants of a run; the trainer reads it between steps. */
public enum Desired {
    RUN,
    /** Write a checkpoint and end. */
    PAUSE,
    /** End without an adapter. */
    CANCEL
}
