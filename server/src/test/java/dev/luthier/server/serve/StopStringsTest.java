package dev.luthier.server.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

class StopStringsTest {

    @Test
    void withoutStopStringsTextPassesAtOnce() {
        assertThat(new StopStrings(List.of()).add("anything")).isEqualTo("anything");
    }

    @Test
    void aStopStringOverSeveralPiecesIsFoundAndCutOff() {
        StopStrings stops = new StopStrings(List.of("END"));
        assertThat(stops.add("abE")).isEqualTo("ab");
        assertThat(stops.add("N")).isEmpty();
        assertThat(stops.found()).isFalse();
        assertThat(stops.add("Dcd")).isEmpty();
        assertThat(stops.found()).isTrue();
        assertThat(stops.finish()).isEmpty();
    }

    @Test
    void textThatOnlyBeganLikeAStopStringComesOut() {
        StopStrings stops = new StopStrings(List.of("END", "\n\n"));
        assertThat(stops.add("E")).isEmpty();
        assertThat(stops.add("EN")).isEqualTo("E");
        assertThat(stops.add("ding\n")).isEqualTo("ENding");
        assertThat(stops.finish()).isEqualTo("\n");
    }

    @Test
    void ofSeveralTheFirstInTheTextCounts() {
        StopStrings stops = new StopStrings(List.of("later", "now"));
        assertThat(stops.add("do it now or later")).isEqualTo("do it ");
    }

    @Test
    void howTheTextIsCutIntoPiecesChangesNothing() {
        long seed = 42;
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        for (int round = 0; round < 2000; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < 20; i++) {
                text.append((char) ('a' + random.nextInt(3)));
            }
            List<String> stopList = List.of("aab", "ba", "cccc", "abcab");
            int expectedEnd = stopList.stream().mapToInt(text::indexOf).filter(at -> at >= 0).min().orElse(-1);
            String expected = expectedEnd < 0 ? text.toString() : text.substring(0, expectedEnd);
            StopStrings stops = new StopStrings(stopList);
            StringBuilder out = new StringBuilder();
            for (int from = 0; from < text.length() && !stops.found();) {
                int to = Math.min(text.length(), from + 1 + random.nextInt(4));
                out.append(stops.add(text.substring(from, to)));
                from = to;
            }
            out.append(stops.finish());
            assertThat(out.toString()).as("text %s, seed %d", text, seed).isEqualTo(expected);
        }
    }
}
