package dev.luthier.engine.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.model.ModelDirectory;
import dev.luthier.core.plan.StepCosts;
import dev.luthier.core.run.RunSpec;
import dev.luthier.engine.tensor.Libtorch;
import dev.luthier.engine.train.LoraModel;
import java.nio.file.Path;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StepProbeTest {
    private static final Path MODEL = Path.of("src/test/resources/parity/llama");

    @BeforeAll
    static void start() {
        Libtorch.start();
        Libtorch.setThreads(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 8, 9, 32})
    void timesAreNumbersForSamplesOfEveryLength(int sampleTokens) {
        LoraModel model = LoraModel.fresh(ModelDirectory.open(MODEL),
                RunSpec.Lora.plain(2, 4, RunSpec.Lora.LINEAR_LAYERS), RunSpec.Numerics.plain("fp32", 1), 0);
        StepCosts costs = StepProbe.measure(model, 32, sampleTokens, new ProbeProgress(System.err, false));
        assertThat(DoubleStream.of(costs.secondsPerToken(), costs.secondsPerTarget(), costs.secondsPerPair(),
                costs.secondsPerUpdate(), costs.evaluationShare()).toArray()).doesNotContain(Double.NaN,
                        Double.NEGATIVE_INFINITY,
                        Double.POSITIVE_INFINITY);
    }
}
