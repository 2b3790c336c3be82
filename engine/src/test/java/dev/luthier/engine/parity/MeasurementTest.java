package dev.luthier.engine.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.core.data.EncodedSample;
import dev.luthier.core.json.Json;
import dev.luthier.core.safetensors.SafetensorsFile;
import dev.luthier.core.safetensors.TensorEntry;
import dev.luthier.engine.decoder.Gradients;
import dev.luthier.engine.decoder.ParityFixture;
import dev.luthier.engine.parity.Measurement.Arrangement;
import dev.luthier.engine.tensor.Libtorch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MeasurementTest {
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
        try (ParityFixture fixture = new ParityFixture("mistral-swa")) {
            List<EncodedSample> samples = fixture.samples();
            SampleFile.write(folder.resolve("samples"), samples);
            Path out = folder.resolve("out");
            request(fixture, arrangement, samples.size(), out).run();
            try (SafetensorsFile found = SafetensorsFile.open(out)) {
                float expected = fixture.golden("loss.adapted")[0];
                assertThat(found.tensor("loss").toFloats()[0]).isCloseTo(expected, within(1e-5f * expected));
                assertThat(mean(found.tensor("nll").toFloats(), samples)).isCloseTo(expected, within(1e-5 * expected));
                for (int i = 0; i < samples.size(); i++) {
                    assertThat(found.tensor("logits." + i).toFloats()).containsExactly(
                            fixture.golden("adapted_logits." + i), within(1e-3f));
                }
                found.tensors().values().stream().filter(tensor -> tensor.name().startsWith("gradient."))
                        .forEach(tensor -> assertGradient(tensor, fixture));
            }
        }
    }

    /** The request as a JSON file has it. */
    private Measurement request(ParityFixture fixture, Arrangement arrangement, int logits, Path out) {
        return Json.MAPPER.readValue("""
                {"model": "%s", "adapter": "%s", "samples": "%s", "type": "fp32", "tier": "recompute_layers",
                 "arrangement": "%s", "packTokens": 100, "logits": %d, "out": "%s"}
                """.formatted(fixture.model().path(), fixture.adapterPath(), folder.resolve("samples"),
                arrangement.name().toLowerCase(Locale.ROOT), logits, out), Measurement.class);
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

    private static void assertGradient(TensorEntry tensor, ParityFixture fixture) {
        Gradients.assertClose(tensor.name(), tensor.toFloats(), fixture.golden(tensor.name()));
    }
}
