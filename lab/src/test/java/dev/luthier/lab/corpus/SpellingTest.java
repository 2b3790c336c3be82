package dev.luthier.lab.corpus;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SpellingTest {
    @Test
    void numbersAreSpelledAsPeopleSayThem() {
        assertThat(Spelling.words(0)).isEqualTo("zero");
        assertThat(Spelling.words(19)).isEqualTo("nineteen");
        assertThat(Spelling.words(40)).isEqualTo("forty");
        assertThat(Spelling.words(235)).isEqualTo("two hundred and thirty five");
        assertThat(Spelling.words(1906)).isEqualTo("one thousand nine hundred and six");
    }

    @Test
    void oneWayToSayATimeNeverMeansTwoTimes() {
        Map<String, String> meanings = new HashMap<>();
        Draw draw = new Draw(1);
        for (int i = 0; i < 20_000; i++) {
            Value clock = Values.clock(draw);
            assertThat(meanings.merge(clock.said(), clock.plain(), (a, b) -> a)).as(clock.said())
                    .isEqualTo(clock.plain());
        }
    }
}
