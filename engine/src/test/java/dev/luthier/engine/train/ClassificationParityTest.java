package dev.luthier.engine.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.core.data.SampleEncoder;
import dev.luthier.core.model.ModelDirectory;
import dev.luthier.core.run.MemoryTier;
import dev.luthier.core.run.RunDirectory;
import dev.luthier.core.run.RunSpec;
import dev.luthier.core.safetensors.SafetensorsFile;
import dev.luthier.core.tokenizer.Tokenizer;
import dev.luthier.engine.decoder.ClassifierHead;
import dev.luthier.engine.decoder.Gradients;
import dev.luthier.engine.lora.LoraWeights;
import dev.luthier.engine.tensor.HostMemory;
import dev.luthier.engine.tensor.Libtorch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A step of a classification beside Hugging Face transformers and PEFT, in fp32 (see {@code make_classifier.py}). */
final class ClassificationParityTest {
    private static final Path GOLDEN = Path.of("src/test/resources/parity/classifier");
    private static final int SAMPLES = 5;

    @TempDir
    Path folder;

    @BeforeAll
    static void start() {
        Libtorch.start();
        Libtorch.setThreads(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "mistral-swa"})
    void scoresLossAndGradientsAreThoseOfPeft(String name) throws IOException {
        TinyRun runs = new TinyRun(folder, name);
        ModelDirectory model = ModelDirectory.open(runs.model());
        try (SafetensorsFile golden = SafetensorsFile.open(GOLDEN.resolve(name + "/golden.safetensors"));
                Tokenizer tokenizer = model.tokenizer()) {
            for (MemoryTier tier : MemoryTier.values()) {
                RunSpec spec = spec(runs.spec(), GOLDEN.resolve(name + "/adapter"), tier);
                RunDirectory directory = runs.create(tier.toString(), spec);
                try (ProgressLog log = ProgressLog.open(directory);
                        TrainingData data = new TrainingData(spec, directory.encoded(),
                                SampleEncoder.of(model, tokenizer, spec.task()), log);
                        LoraModel lora = LoraModel.of(spec, model)) {
                    List<MicroBatch> step = data.step(1);
                    assertThat(step).hasSizeGreaterThan(1);
                    step.forEach(batch -> assertScores(batch, lora, golden));
                    assertStep(step, lora, golden);
                }
            }
        }
    }

    private static RunSpec spec(RunSpec of, Path start, MemoryTier tier) {
        return PairRun.spec(new RunSpec(of.baseModel(), start, of.trainingFiles(), List.of(), of.lora(),
                of.optimizer(), new RunSpec.Batch(SAMPLES, 80, 80, 0), of.numerics().with(tier), 1), LabelledRun.TASK,
                GOLDEN.resolve("samples.jsonl"));
    }

    private static void assertScores(MicroBatch batch, LoraModel lora, SafetensorsFile golden) {
        try (ClassifierHead head = lora.classifierHead()) {
            float[][] scores = lora.decoder().forward(batch.pack(), null, head.scores(batch.pack()));
            for (int i = 0; i < scores.length; i++) {
                float[] expected = golden.tensor("scores." + batch.units().get(i).index()).toFloats();
                assertThat(scores[i]).containsExactly(expected, within(1e-4f));
            }
        }
    }

    private static void assertStep(List<MicroBatch> step, LoraModel lora, SafetensorsFile golden) {
        try (Objective objective = new ClassificationObjective(LabelledRun.TASK, lora.decoder(),
                lora.classifierHead()); LoraWeights gradients = new LoraWeights(lora.adapter().layout())) {
            Figures figures = objective.addGradients(step);
            assertThat(figures.loss()).isCloseTo(golden.tensor("loss").toFloats()[0], within(1e-5));
            gradients.flat().copy_(lora.parameters().gradients());
            assertThat(gradients.byName()).hasSize(3 * 7 * 2 + 1);
            gradients.byName().forEach((tensor, gradient) -> Gradients.assertClose(tensor,
                    HostMemory.toFloats(gradient), golden.tensor("gradient." + tensor).toFloats()));
            Figures evaluated = step.stream().map(objective::evaluate).reduce(Figures.NONE, Figures::plus);
            assertThat(evaluated).isEqualTo(figures);
        }
    }
}
