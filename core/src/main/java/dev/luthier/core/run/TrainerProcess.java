package dev.luthier.core.run;

import java.time.Instant;

/**
 * A trainer's process, in {@code trainer.json}; it holds as long as the lock is held.
 *
 * @param startMillis when it started, in epoch milliseconds, to tell it from a later one of the same id
 */
public record TrainerProcess(long pid, long startMillis) {

    /** This process. */
    static TrainerProcess current() {
        ProcessHandle self = ProcessHandle.current();
        return new TrainerProcess(self.pid(), self.info().startInstant().map(Instant::toEpochMilli).orElse(0L));
    }
}
