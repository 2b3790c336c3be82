package dev.luthier.core.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.data.LineWatch.Work;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LinesInHandTest {
    private static final long LIMIT_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    @TempDir
    private Path directory;
    private LinesInHand lines;

    @BeforeEach
    void begin() throws IOException {
        lines = LinesInHand.create(directory.resolve("lines"), 2);
    }

    private static void compute(long nanos) {
        long end = cpuNanos() + nanos;
        while (cpuNanos() < end) {
            Thread.onSpinWait();
        }
    }

    private static long cpuNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    @Test
    void lineThatIsComputedAtForTooLongIsLate() {
        lines.now(7, Work.TOKENIZER);
        compute(LIMIT_NANOS * 2);
        assertThat(lines.laterThan(LIMIT_NANOS)).containsExactly(new LinesInHand.Late(7, Work.TOKENIZER));
    }

    @Test
    void lineThatHasJustBegunIsNotLateHoweverLongTheThreadWasAtOthers() {
        lines.now(1, Work.TEMPLATE);
        compute(LIMIT_NANOS * 2);
        lines.now(1, Work.NONE);
        assertThat(lines.laterThan(LIMIT_NANOS)).isEmpty();
        lines.now(2, Work.TEMPLATE);
        assertThat(lines.laterThan(LIMIT_NANOS)).isEmpty();
    }

    @Test
    void threadThatWaitsForItsTurnOnABusyMachineIsNotLate() throws InterruptedException {
        long limitNanos = TimeUnit.SECONDS.toNanos(1);
        lines.now(3, Work.TEMPLATE);
        Thread.sleep(TimeUnit.NANOSECONDS.toMillis(limitNanos) + 200);
        assertThat(lines.laterThan(limitNanos)).isEmpty();
    }

    @Test
    void linesInHandAreReadBackFromTheFile() throws IOException {
        lines.now(5, Work.TEMPLATE);
        assertThat(LinesInHand.read(directory.resolve("lines"))).containsExactly(5L);
        lines.now(5, Work.NONE);
        assertThat(LinesInHand.read(directory.resolve("lines"))).isEmpty();
    }
}
