package dev.luthier.server.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.run.Task;
import dev.luthier.server.model.BaseModel;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the server chooses where OpenAI's clients say {@code auto}. */
final class AutoValuesTest {

    @Test
    void largeFilesGetFewerEpochs() {
        assertThat(DataPlanner.autoEpochs(10)).isEqualTo(3);
        assertThat(DataPlanner.autoEpochs(10_000)).isEqualTo(3);
        assertThat(DataPlanner.autoEpochs(10_001)).isEqualTo(2);
        assertThat(DataPlanner.autoEpochs(15_000.5)).isEqualTo(1);
        assertThat(DataPlanner.autoEpochs(5e6)).isEqualTo(1);
    }

    @Test
    void largeModelsGetSmallerRatesAndNoWarning() {
        assertThat(suiting(4_000_000)).isEqualTo(2e-3);
        assertThat(suiting(135_000_000)).isEqualTo(8e-4);
        assertThat(suiting(1_500_000_000)).isEqualTo(3e-4);
        assertThat(suiting(7_000_000_000L)).isEqualTo(2e-4);
    }

    @Test
    void preferencesGetATenthOfTheRateAndAWarningAboutTheWhole() {
        Task task = new Task.Preference(0.1, 0, false);
        assertThat(suiting(4_000_000, task)).isEqualTo(2e-4);
        assertThat(LearningRates.notes(2e-3, model(4_000_000), task)).singleElement()
                .satisfies(note -> assertThat(note.message()).contains("0.002 is far above", "about 0.0001 to 0.0004"));
    }

    private static double suiting(long parameters) {
        return suiting(parameters, Task.SUPERVISED);
    }

    private static double suiting(long parameters, Task task) {
        double rate = LearningRates.suiting(model(parameters), task);
        assertThat(LearningRates.notes(rate, model(parameters), task)).isEmpty();
        return rate;
    }

    private static BaseModel model(long parameters) {
        return new BaseModel("m", Path.of("m"), List.of(), 128, 2, parameters, true, true, 0);
    }
}
