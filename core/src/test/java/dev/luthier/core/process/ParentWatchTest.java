package dev.luthier.core.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

final class ParentWatchTest {

    /** Lives for an hour unless it has a parent that ends. */
    static final class Lingering {
        private Lingering() {}

        public static void main(String[] arguments) throws InterruptedException {
            ParentWatch.follow();
            Thread.sleep(3_600_000);
        }
    }

    /** Starts a foreign program that starts another, tells their ids, and lives for an hour. */
    static final class Harness {
        private Harness() {}

        public static void main(String[] arguments) throws IOException, InterruptedException {
            Process child = new ProcessBuilder("/bin/sh", "-c", "sleep 3600 & echo $!; wait").start();
            ParentWatch.guard(child);
            System.out.println(child.pid());
            System.out.println(child.inputReader().readLine());
            Thread.sleep(3_600_000);
        }
    }

    private static ProcessBuilder java(Class<?> program) {
        return new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx32m",
                "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path"), program.getName());
    }

    @Test
    void programEndsWithItsParentHoweverThatEnds() throws IOException, InterruptedException {
        Process parent = java(Lingering.class).start();
        ProcessBuilder builder = java(Lingering.class);
        builder.environment().put(ParentWatch.VARIABLE, Long.toString(parent.pid()));
        Process child = builder.start();
        assertThat(child.isAlive()).isTrue();
        parent.destroyForcibly();
        assertThat(child.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(child.exitValue()).isZero();
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "there is no shell that could wait there")
    void foreignProgramsEndWithTheirHarnessToo() throws IOException, InterruptedException {
        Process harness = java(Harness.class).start();
        List<ProcessHandle> started = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            started.add(ProcessHandle.of(Long.parseLong(harness.inputReader().readLine())).orElseThrow());
        }
        harness.destroyForcibly().waitFor();
        for (ProcessHandle each : started) {
            assertThat(each.onExit()).succeedsWithin(Duration.ofMinutes(1));
        }
    }

    @Test
    void parentThatIsGoneAlreadyCountsAsEnded() throws IOException, InterruptedException {
        Process parent = java(Lingering.class).start();
        parent.destroyForcibly().waitFor();
        CountDownLatch ended = new CountDownLatch(1);
        ParentWatch.follow(Map.of(ParentWatch.VARIABLE, Long.toString(parent.pid())), ended::countDown);
        assertThat(ended.await(30, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void childrenAreTiedToThisProcess() {
        ProcessBuilder builder = java(Lingering.class);
        ParentWatch.tie(builder);
        assertThat(builder.environment()).containsEntry("LUTHIER_PARENT_PID",
                Long.toString(ProcessHandle.current().pid()));
    }
}
