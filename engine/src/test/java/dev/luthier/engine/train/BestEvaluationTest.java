package dev.luthier.engine.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.run.RunSpec.Selection;
import org.junit.jupiter.api.Test;

final class BestEvaluationTest {
    private static BestEvaluation after(Selection selection, double... losses) {
        BestEvaluation best = BestEvaluation.NONE;
        for (int i = 0; i < losses.length; i++) {
            assertThat(best.stops(selection)).as("before evaluation %d", i + 1).isFalse();
            best = best.after(10 * (i + 1), losses[i], selection);
        }
        return best;
    }

    @Test
    void theFirstOfTheLeastLossesIsTheBest() {
        BestEvaluation best = after(new Selection(true, 0, 0, 0, 0), 3, 2, 4, 2, 5);
        assertThat(best).isEqualTo(new BestEvaluation(5, 3, 20, 2));
    }

    @Test
    void runStopsAfterAsManyEvaluationsWithoutGain() {
        Selection patient = new Selection(true, 2, 0, 0, 0);
        assertThat(after(patient, 3, 2, 2.5).stops(patient)).isFalse();
        assertThat(after(patient, 3, 2, 2.5, 2.1).stops(patient)).isTrue();
        assertThat(after(patient, 3, 3.5, 2, 2.5).stops(patient)).isFalse();
    }

    @Test
    void smallGainsMoveTheBestButCountAsNone() {
        Selection demanding = new Selection(true, 2, 0.5, 0, 0);
        BestEvaluation best = after(demanding, 3, 2.75, 2.5);
        assertThat(best.stops(demanding)).isTrue();
        assertThat(best.step()).isEqualTo(30);
    }

    @Test
    void warmUpIsNotCountedButMayHoldTheBest() {
        Selection warm = new Selection(true, 1, 0, 3, 0);
        BestEvaluation best = after(warm, 1, 2, 3);
        assertThat(best.step()).isEqualTo(10);
        assertThat(after(warm, 1, 2, 3, 4).stops(warm)).isTrue();
    }

    @Test
    void lossThatIsNoNumberIsNeverTheBest() {
        Selection selection = new Selection(true, 0, 0, 0, 0);
        assertThat(after(selection, Double.NaN, Double.POSITIVE_INFINITY).step()).isZero();
        assertThat(after(selection, Double.NaN, 2, Double.NaN)).extracting(BestEvaluation::step).isEqualTo(20);
    }
}
