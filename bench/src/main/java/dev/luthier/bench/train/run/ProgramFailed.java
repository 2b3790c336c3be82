package dev.luthier.bench.train.run;

import java.nio.file.Path;

/** A measured program ended, or stood still, before its work was done. The message is one line for people. */
final class ProgramFailed extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Path log;

    /** @param log what the program said */
    ProgramFailed(String message, Path log) {
        super(message);
        this.log = log;
    }

    Path log() {
        return log;
    }

    /** The message. */
    String why() {
        return String.valueOf(getMessage());
    }
}
