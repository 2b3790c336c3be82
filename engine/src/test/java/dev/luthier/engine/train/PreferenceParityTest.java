package dev.luthier.engine.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.core.json.Json;
import dev.luthier.core.run.Outcome;
import dev.luthier.core.run.Progress;
import dev.luthier.core.run.RunDirectory;
import dev.luthier.core.run.RunSpec;
import dev.luthier.core.run.Task;
import dev.luthier.core.safetensors.SafetensorsFile;
import dev.luthier.engine.tensor.Libtorch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Whole preference trainings beside TRL's, in fp32 (see {@code make_preference.py}). */
final class PreferenceParityTest {
    private static final Path PARITY = Path.of("src/test/resources/parity");
    private static final Path GOLDEN = PARITY.resolve("preference");
    private static final int PAIRS = 8;

    @TempDir
    Path folder;

    @BeforeAll
    static void start() {
        Libtorch.start();
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain", "sft", "normalized"})
    void everyStepAndTheAdapterAreThoseOfTrl(String name) throws IOException {
        JsonNode golden = Json.parse(Files.readString(GOLDEN.resolve("golden.json"))).get(name);
        Task.Preference task = (Task.Preference) Json.MAPPER.treeToValue(golden.get("task"), Task.class);
        TinyRun runs = PairRun.in(folder);
        RunSpec of = runs.spec();
        RunSpec spec = PairRun.spec(new RunSpec(of.baseModel(), PARITY.resolve("llama/adapter"), of.trainingFiles(),
                List.of(), of.lora(),
                new RunSpec.Optimizer(golden.get("loss").size(), 0.002, 0, 0.1, 0.9, 0.999, 1e-8, 1),
                new RunSpec.Batch(PAIRS, 64, 80, 0), of.numerics(), 1), task, GOLDEN.resolve("pairs.jsonl"));
        RunDirectory directory = runs.create(name, spec);
        assertThat(new Trainer(directory, () -> false, 1000).run()).isInstanceOf(Outcome.Trained.class);
        List<Progress.Step> steps = TinyRun.progress(directory).stream().filter(Progress.Step.class::isInstance)
                .map(Progress.Step.class::cast).toList();
        for (Progress.Step step : steps) {
            int index = step.step() - 1;
            assertThat(step.loss()).as("loss of step %d", step.step())
                    .isCloseTo(golden.get("loss").get(index).doubleValue(), within(1e-4));
            if (!task.lengthNormalized()) { // TRL's rewards never are
                assertThat(step.figures().get("reward_chosen")).as("reward of step %d", step.step())
                        .isCloseTo(golden.get("chosen").get(index).doubleValue(), within(2e-4));
                assertThat(step.figures().get("reward_rejected")).as("reward of step %d", step.step())
                        .isCloseTo(golden.get("rejected").get(index).doubleValue(), within(2e-4));
            }
        }
        assertSameAdapter(directory.adapter().resolve("adapter_model.safetensors"),
                GOLDEN.resolve(name + ".safetensors"));
    }

    private static void assertSameAdapter(Path actual, Path expected) {
        try (SafetensorsFile ours = SafetensorsFile.open(actual);
                SafetensorsFile theirs = SafetensorsFile.open(expected)) {
            assertThat(ours.tensors().keySet()).containsExactlyInAnyOrderElementsOf(theirs.tensors().keySet());
            for (String tensor : ours.tensors().keySet()) {
                assertThat(ours.tensor(tensor).toFloats()).as(tensor).containsExactly(theirs.tensor(tensor).toFloats(),
                        Offset.offset(1e-4f));
            }
        }
    }
}
