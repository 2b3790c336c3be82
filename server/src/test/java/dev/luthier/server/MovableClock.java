package dev.luthier.server;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Stands still until it is moved. */
public final class MovableClock extends Clock {
    private volatile Instant now = Instant.ofEpochSecond(1_000_000);

    private @Nullable Runnable meanwhile;

    /** Runs once at the next look at the clock on which it says that it did something. */
    public void meanwhile(BooleanSupplier action) {
        meanwhile = () -> {
            Runnable again = meanwhile;
            meanwhile = null;
            if (!action.getAsBoolean()) {
                meanwhile = again;
            }
        };
    }

    public void move(Duration by) {
        now = now.plus(by);
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        return this;
    }

    @Override
    public Instant instant() {
        if (meanwhile != null) {
            meanwhile.run();
        }
        return now;
    }
}
