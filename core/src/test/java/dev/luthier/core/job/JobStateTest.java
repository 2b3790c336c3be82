package dev.luthier.core.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class JobStateTest {

    @Test
    void everyStateIsReachedFromReceivedAndCanEnd() {
        Set<JobState> reached = EnumSet.noneOf(JobState.class);
        ArrayDeque<JobState> open = new ArrayDeque<>(Set.of(JobState.RECEIVED));
        while (!open.isEmpty()) {
            JobState state = open.remove();
            if (reached.add(state)) {
                open.addAll(state.next());
            }
        }
        assertThat(reached).containsExactlyInAnyOrder(JobState.values());
    }

    @Test
    void finalStatesNeverMove() {
        assertThat(Arrays.stream(JobState.values()).filter(JobState::isFinal)).containsExactlyInAnyOrder(
                JobState.SUCCEEDED, JobState.FAILED, JobState.INVALID, JobState.CANCELLED);
    }

    @Test
    void cancelIsPossibleFromEveryLiveState() {
        for (JobState state : JobState.values()) {
            if (!state.isFinal() && state != JobState.CANCELLING) {
                assertThat(state.next()).as(state.name()).containsAnyOf(JobState.CANCELLED, JobState.CANCELLING);
            }
        }
    }
}
