package dev.luthier.engine.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.core.run.Task;
import dev.luthier.engine.train.PairLoss.Answer;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class PairLossTest {
    private static final double STEP = 1e-5;

    @Test
    void answersThatAreAsLikelyAsUnderTheReferenceHaveTheLogarithmOfTwo() {
        PairLoss loss = PairLoss.of(new Task.Preference(0.1, 0, false), new Answer(31.5, 31.5, 7),
                new Answer(12.25, 12.25, 3));
        assertThat(loss.value()).isCloseTo(Math.log(2), within(1e-15));
        assertThat(loss.margin()).isZero();
        assertThat(loss.chosenFactor()).isCloseTo(0.05, within(1e-15));
        assertThat(loss.rejectedFactor()).isCloseTo(-0.05, within(1e-15));
    }

    @Test
    void factorsAreTheDerivativesOfTheLoss() {
        SplittableRandom random = new SplittableRandom(3);
        for (int i = 0; i < 200; i++) {
            Task.Preference task = new Task.Preference(random.nextDouble(0.01, 2), 0, random.nextBoolean());
            Answer chosen = answer(random);
            Answer rejected = answer(random);
            PairLoss loss = PairLoss.of(task, chosen, rejected);
            double byChosen = PairLoss.of(task, moved(chosen, STEP), rejected).value()
                    - PairLoss.of(task, moved(chosen, -STEP), rejected).value();
            double byRejected = PairLoss.of(task, chosen, moved(rejected, STEP)).value()
                    - PairLoss.of(task, chosen, moved(rejected, -STEP)).value();
            assertThat(loss.chosenFactor()).isCloseTo(byChosen / (2 * STEP), within(1e-8));
            assertThat(loss.rejectedFactor()).isCloseTo(byRejected / (2 * STEP), within(1e-8));
        }
    }

    private static Answer answer(SplittableRandom random) {
        return new Answer(random.nextDouble(0, 20), random.nextDouble(0, 20), random.nextInt(1, 40));
    }

    private static Answer moved(Answer answer, double by) {
        return new Answer(answer.loss() + by, answer.reference(), answer.tokens());
    }

    @Test
    void lossOfAnAnswerFarFromTheReferenceIsStillANumber() {
        Task.Preference task = new Task.Preference(2, 0, false);
        PairLoss wrong = PairLoss.of(task, new Answer(5000, 0, 9), new Answer(0, 5000, 9));
        assertThat(wrong.value()).isEqualTo(20_000);
        assertThat(wrong.chosenFactor()).isEqualTo(2);
        PairLoss right = PairLoss.of(task, new Answer(0, 5000, 9), new Answer(5000, 0, 9));
        assertThat(right.value()).isZero();
        assertThat(right.chosenFactor()).isZero();
    }
}
