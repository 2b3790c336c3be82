package dev.luthier.server.api.openai;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.UUID;
import org.junit.jupiter.api.Test;

final class EventIdsTest {

    @Test
    void idTellsTheNumberOfAnEventOfItsJobOnly() {
        UUID job = UUID.fromString("9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d");
        for (int sequence : new int[]{1, 2, 1000, Integer.MAX_VALUE}) {
            String id = EventIds.of(job, sequence);
            assertThat(id).matches("ftevent-[0-9A-Za-z]{22}");
            assertThat(EventIds.sequence(job, id)).hasValue(sequence);
            assertThat(EventIds.sequence(UUID.randomUUID(), id)).isEmpty();
        }
        assertThat(EventIds.sequence(job, EventIds.of(job, 0))).isEmpty();
        assertThat(EventIds.sequence(job, job.toString())).isEmpty();
        assertThat(EventIds.sequence(job, "ftevent-")).isEmpty();
    }

    @Test
    void multipliersAreDecimals() {
        assertThat(RateMultiplier.of(0.002)).isEqualTo(20);
        assertThat(RateMultiplier.of(3e-5)).isEqualTo(0.3);
        assertThat(RateMultiplier.of(0)).isPositive();
        assertThat(RateMultiplier.rate(1.8)).isEqualTo(1.8e-4);
        assertThat(RateMultiplier.of(RateMultiplier.rate(0.1))).isEqualTo(0.1);
    }
}
