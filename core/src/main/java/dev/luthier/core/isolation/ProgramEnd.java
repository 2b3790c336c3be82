package dev.luthier.core.isolation;

import java.time.Duration;

/**
 * How a program ended that should have gone on.
 *
 * @param status of the process; 128 and the signal's number for one that a signal ended
 * @param lastWords end of what it wrote to its error stream, possibly empty
 */
public record ProgramEnd(int status, String lastWords) {
    /** Where the heap does not suffice. */
    public static final int OUT_OF_MEMORY = 3;
    /** The process that started it is gone. */
    static final int PARENT_GONE = 4;
    private static final Duration LAST_WORDS = Duration.ofSeconds(5);
    private static final int ABORTED = 128 + 6;

    /** How a process ended that has closed its output; one that goes on after that is killed. */
    static ProgramEnd of(Process process, OutputTail errors) {
        try (Deadline deadline = Deadline.kill(process, LAST_WORDS)) {
            return new ProgramEnd(process.waitFor(), errors.text());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new ProgramEnd(0, "");
        }
    }

    /** Whether native code gave up, as it will each time with the same input. */
    public boolean isAbort() {
        return status == ABORTED || lastWords.contains("panicked at");
    }

    /** The reason as the end of a sentence: {@code its process ended because ...}. */
    public String reason() {
        if (lastWords.contains("Regex search error")) {
            return "a regular expression of its tokenizer.json takes too many steps on it";
        }
        if (isAbort()) {
            return "the tokenizer library gave up on it";
        }
        return switch (status) {
            case OUT_OF_MEMORY -> "it needed more memory than it may take";
            case 128 + 9 -> "the system killed it, as it does when memory is short";
            default -> "of status " + status;
        };
    }
}
