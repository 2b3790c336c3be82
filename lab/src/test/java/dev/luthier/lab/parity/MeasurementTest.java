package dev.luthier.lab.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.core.data.EncodedSample;
import dev.luthier.core.json.Json;
import dev.luthier.core.safetensors.SafetensorsFile;
import dev.luthier.core.safetensors.TensorEntry;
import dev.luthier.engine.tensor.Libtorch;
import dev.luthier.lab.parity.Measurement.Arrangement;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MeasurementTest {
    /** What transformers made of a tiny model; the engine's own tests use it too. */
    private static final Path FIXTURE = Path.of("..", "engine", "src", "test", "resources", "parity", "mistral-swa");
    private static final int SAMPLES = 3;

    @TempDir
    Path folder;

    @BeforeAll
    static void start() {
        Libtorch.start();
        Libtorch.setThreads(1);
    }

    @Test
    void samplesSurviveTheFile() throws IOException {
        List<EncodedSample> samples = List.of(new EncodedSample(new int[]{5, 6, 7}, new float[]{0, 1, 0.5f}),
                new EncodedSample(new int[]{9}, new float[]{0}));
        SampleFile.write(folder.resolve("samples"), samples);
        List<EncodedSample> read = SampleFile.read(folder.resolve("samples"));
        assertThat(read).extracting(EncodedSample::tokens).containsExactly(new int[]{5, 6, 7}, new int[]{9});
        assertThat(read).extracting(EncodedSample::weights).containsExactly(new float[]{0, 1, 0.5f}, new float[]{0});
    }

    @ParameterizedTest
    @EnumSource
    void everyArrangementGivesTheNumbersOfHuggingFace(Arrangement arrangement) throws IOException {
        try (SafetensorsFile golden = SafetensorsFile.open(FIXTURE.resolve("golden.safetensors"))) {
            List<EncodedSample> samples = IntStream.range(0, SAMPLES).mapToObj(i -> sample(golden, i)).toList();
            SampleFile.write(folder.resolve("samples"), samples);
            Path out = folder.resolve("out");
            request(arrangement, out).run();
            try (SafetensorsFile found = SafetensorsFile.open(out)) {
                float expected = golden.tensor("loss.adapted").toFloats()[0];
                assertThat(found.tensor("loss").toFloats()[0]).isCloseTo(expected, within(1e-5f * expected));
                assertThat(mean(found.tensor("nll").toFloats(), samples)).isCloseTo(expected, within(1e-5 * expected));
                for (int i = 0; i < samples.size(); i++) {
                    assertThat(found.tensor("logits." + i).toFloats()).containsExactly(
                            golden.tensor("adapted_logits." + i).toFloats(), within(1e-3f));
                }
                found.tensors().values().stream().filter(tensor -> tensor.name().startsWith("gradient."))
                        .forEach(tensor -> assertGradient(tensor, golden.tensor(tensor.name()).toFloats()));
            }
        }
    }

    /** The request as a JSON file has it. */
    private Measurement request(Arrangement arrangement, Path out) {
        return Json.MAPPER.readValue("""
                {"model": "%s", "adapter": "%s", "samples": "%s", "type": "fp32", "tier": "recompute_layers",
                 "arrangement": "%s", "packTokens": 100, "logits": %d, "out": "%s"}
                """.formatted(FIXTURE, FIXTURE.resolve("adapter"), folder.resolve("samples"),
                arrangement.name().toLowerCase(Locale.ROOT), SAMPLES, out), Measurement.class);
    }

    private static EncodedSample sample(SafetensorsFile golden, int index) {
        long[] tokens = golden.tensor("tokens." + index).data().toArray(ValueLayout.JAVA_LONG_UNALIGNED);
        return new EncodedSample(Arrays.stream(tokens).mapToInt(Math::toIntExact).toArray(),
                golden.tensor("weights." + index).toFloats());
    }

    /** Weighted mean of losses that stand in the order of the samples' targets. */
    private static double mean(float[] losses, List<EncodedSample> samples) {
        double sum = 0;
        double weight = 0;
        int next = 0;
        for (EncodedSample sample : samples) {
            for (float each : sample.weights()) {
                sum += each == 0 ? 0 : each * losses[next++];
                weight += each;
            }
        }
        return sum / weight;
    }

    /** No element is off by more than a thousandth of the largest. */
    private static void assertGradient(TensorEntry tensor, float[] expected) {
        float largest = 0;
        for (float each : expected) {
            largest = Math.max(largest, Math.abs(each));
        }
        assertThat(tensor.toFloats()).as(tensor.name()).containsExactly(expected, within(1e-3f * largest));
    }
}
