package dev.luthier.engine.decoder;

import dev.luthier.core.adapter.LoraShape;
import dev.luthier.core.data.EncodedSample;
import dev.luthier.core.json.Json;
import dev.luthier.core.model.ModelDirectory;
import dev.luthier.core.run.RunSpec;
import dev.luthier.core.safetensors.SafetensorsFile;
import dev.luthier.engine.lora.LoraLayout;
import dev.luthier.engine.lora.LoraWeights;
import dev.luthier.engine.tensor.DType;
import dev.luthier.engine.tensor.HostMemory;
import dev.luthier.engine.tensor.TensorScope;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;

/**
 * One cell of the parity matrix in {@code src/test/resources/parity/matrix}: a model, an adapter and a seed, with the
 * golden values that Hugging Face transformers and PEFT computed in fp32 (see {@code make_matrix.py} there).
 *
 * @param adapter name of the adapter's row in {@code cases.json}
 */
record ParityCase(String model, String adapter, RunSpec.Lora lora, int seed) {
    private static final Path FOLDER = Path.of("src/test/resources/parity/matrix");
    private static final Table TABLE = readTable();

    /** {@code cases.json}; lengths are those of the samples. */
    private record Table(List<Integer> seeds, List<Integer> lengths, int elementsPerGradient, List<String> models,
            SequencedMap<String, RunSpec.Lora> adapters) {}

    private static Table readTable() {
        try {
            return Json.MAPPER.readValue(Files.readString(FOLDER.resolve("cases.json")), Table.class);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Every model with every adapter and seed. */
    static Stream<ParityCase> all() {
        return TABLE.adapters.keySet().stream().flatMap(ParityCase::ofAdapter);
    }

    /** Every model and seed with one adapter. */
    static Stream<ParityCase> ofAdapter(String adapter) {
        RunSpec.Lora lora = TABLE.adapters.get(adapter);
        if (lora == null) {
            throw new IllegalArgumentException("cases.json has no adapter " + adapter);
        }
        return TABLE.models.stream()
                .flatMap(model -> TABLE.seeds.stream().map(seed -> new ParityCase(model, adapter, lora, seed)));
    }

    /** The model's weights; the caller closes them. */
    DecoderWeights weights(DType type) {
        DecoderWeights weights = DecoderWeights
                .zeros(new WeightLayout(ModelDirectory.open(FOLDER.resolve(model)).config()), type);
        fill(weights.byName());
        return weights;
    }

    /** The adapter's weights; the caller closes them. */
    LoraWeights adapter(DecoderWeights weights) {
        LoraWeights adapter = new LoraWeights(
                new LoraLayout(weights, LoraShape.of(lora, weights.config())));
        fill(adapter.byName());
        return adapter;
    }

    private void fill(SequencedMap<String, Tensor> tensors) {
        try (TensorScope _ = TensorScope.open()) {
            tensors.forEach((name, tensor) -> tensor.copy_(HostMemory
                    .floats(DrawnValues.values(name, seed, (int) tensor.numel()), tensor.numel()).view_as(tensor)));
        }
    }

    List<EncodedSample> samples() {
        int vocabulary = ModelDirectory.open(FOLDER.resolve(model)).config().vocabSize();
        List<EncodedSample> samples = new ArrayList<>();
        for (int index = 0; index < TABLE.lengths.size(); index++) {
            int[] tokens = DrawnValues.draw("tokens." + index, seed, TABLE.lengths.get(index));
            int[] shares = DrawnValues.draw("weights." + index, seed, tokens.length);
            float[] weights = new float[tokens.length];
            for (int i = 0; i < tokens.length; i++) {
                tokens[i] = 3 + (int) (((long) tokens[i] * (vocabulary - 3)) >> 24);
                double share = (double) shares[i] / (1 << 24);
                weights[i] = i == 0 ? 0 : weight(share);
            }
            samples.add(new EncodedSample(tokens, weights));
        }
        return samples;
    }

    private static float weight(double share) {
        if (share < 0.5) {
            return 1;
        }
        return share < 0.6 ? 0.5f : 0;
    }

    /** Places of the elements that are stored of the gradient of a tensor. */
    int[] storedElements(String tensor, int size) {
        int[] places = DrawnValues.draw("elements of " + tensor, seed, TABLE.elementsPerGradient);
        for (int i = 0; i < places.length; i++) {
            places[i] = (int) (((long) places[i] * size) >> 24);
        }
        return places;
    }

    /** A golden value of this case: {@code nll}, {@code logits}, {@code gradients} or {@code sizes}. */
    float[] golden(String kind) {
        return read(adapter + "." + seed + "." + kind);
    }

    /** Golden losses of the target tokens without the adapter. */
    float[] baseLosses() {
        return read("base." + seed + ".nll");
    }

    private float[] read(String name) {
        try (SafetensorsFile file = SafetensorsFile.open(FOLDER.resolve(model).resolve("golden.safetensors"))) {
            return file.tensor(name).toFloats();
        }
    }

    @Override
    public String toString() {
        return model + ", " + adapter + ", seed " + seed;
    }
}
