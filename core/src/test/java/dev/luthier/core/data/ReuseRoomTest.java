package dev.luthier.core.data;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReuseRoomTest {

    @Test
    void firstSamplesGetRoomWhileThereIsAny() {
        int[] lengths = {10, 20, 30};
        ReuseRoom room = new ReuseRoom(65);
        assertThat(room.give(3, sample -> lengths[sample])).isEqualTo(3);
        assertThat(room.give(2, sample -> 3)).isEqualTo(1);
        assertThat(room.give(5, sample -> 1)).isEqualTo(2);
        assertThat(room.give(1, sample -> 1)).isZero();
    }

    @Test
    void sampleThatDoesNotFitEndsItsFile() {
        int[] lengths = {4, 9, 1};
        assertThat(new ReuseRoom(10).give(3, sample -> lengths[sample])).isEqualTo(1);
    }
}
