package dev.luthier.core.data;

/** Learns what is being done to which line, on the thread that does it. */
@FunctionalInterface
interface LineWatch {
    /** Takes no notice. */
    LineWatch NONE = (line, work) -> {};

    /** What a thread has in hand. */
    enum Work {
        NONE, TEMPLATE, TOKENIZER
    }

    /** @param line from 1 */
    void now(long line, Work work);
}
