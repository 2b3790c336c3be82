package dev.luthier.server.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Requests share a part of the heap: who finds no room waits, and is refused in the end. */
final class RequestMemoryTest {
    private static final Duration SHORT = Duration.ofMillis(50);

    @Test
    void whoFindsNoRoomIsToldToComeAgain() {
        RequestMemory memory = new RequestMemory(1 << 20, SHORT);
        try (RequestMemory.Lease first = memory.lease().add(900_000)) {
            assertThatThrownBy(() -> memory.lease().add(200_000)).isInstanceOfSatisfying(ProblemException.class,
                    e -> assertThat(e.problem().kind()).isEqualTo(Problem.Kind.RESOURCE));
            memory.lease().add(100_000).close();
        }
        memory.lease().add(1 << 20).close();
    }

    @Test
    void whoWaitsGetsTheRoomThatIsGivenBack() throws Exception {
        RequestMemory memory = new RequestMemory(1 << 20, Duration.ofMinutes(1));
        RequestMemory.Lease first = memory.lease().add(900_000);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> second = threads.submit(() -> memory.lease().add(200_000).close());
            assertThat(second.isDone()).isFalse();
            first.close();
            second.get();
        }
    }

    @Test
    void whoWantsMoreThanThereIsGetsAllThereIs() {
        RequestMemory memory = new RequestMemory(1 << 20, SHORT);
        try (RequestMemory.Lease all = memory.lease().add(900_000).add(8 << 20)) {
            assertThatThrownBy(() -> memory.lease().add(1)).isInstanceOf(ProblemException.class);
        }
        memory.lease().add(1).close();
    }
}
