package dev.luthier.bench.train.run;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a match came to.
 *
 * @param expected what Luthier's probe said before
 * @param luthier figures of Luthier
 * @param peer figures of the peer; null without a peer, or if it failed
 * @param failure why the peer failed, one line; null if it did not
 * @param productRate FLOP/s of matrix products of the model's shapes in Luthier's type: the better of before and after
 * @param attendedLength mean over the tokens of the data of the length of their sample
 * @param settings of the peer, by name
 * @param versions of the libraries of both sides, by name
 */
public record MatchResult(Plan plan, @Nullable Peer opponent, Estimate expected, Figures luthier,
        @Nullable Figures peer,
        @Nullable String failure, double productRate, double attendedLength, Map<String, String> settings,
        Map<String, String> versions) {

    /** What was measured of a program. */
    public record Figures(List<Round> rounds, long peakBytes) {
        public Figures {
            rounds = List.copyOf(rounds);
        }
    }
}
