package dev.luthier.engine.decoder;

import dev.luthier.core.adapter.LoraShape;
import dev.luthier.core.data.EncodedSample;
import dev.luthier.core.model.ModelDirectory;
import dev.luthier.core.run.RunSpec;
import dev.luthier.core.safetensors.SafetensorsFile;
import dev.luthier.core.safetensors.TensorEntry;
import dev.luthier.engine.lora.LoraLayout;
import dev.luthier.engine.lora.LoraWeights;
import dev.luthier.engine.tensor.HostMemory;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** A tiny model that Hugging Face transformers made and computed, in {@code src/test/resources/parity}. */
public final class ParityFixture implements AutoCloseable {
    public static final int SAMPLES = 3;

    private final Path path;
    private final SafetensorsFile golden;

    public ParityFixture(String name) {
        this.path = Path.of("src/test/resources/parity", name);
        this.golden = SafetensorsFile.open(path.resolve("golden.safetensors"));
    }

    public ModelDirectory model() {
        return ModelDirectory.open(path);
    }

    public Path adapterPath() {
        return path.resolve("adapter");
    }

    public float[] golden(String name) {
        return golden.tensor(name).toFloats();
    }

    public List<EncodedSample> samples() {
        List<EncodedSample> samples = new ArrayList<>();
        for (int i = 0; i < SAMPLES; i++) {
            long[] tokens = golden.tensor("tokens." + i).data().toArray(ValueLayout.JAVA_LONG_UNALIGNED);
            int[] narrow = new int[tokens.length];
            for (int j = 0; j < narrow.length; j++) {
                narrow[j] = (int) tokens[j];
            }
            samples.add(new EncodedSample(narrow, golden("weights." + i)));
        }
        return samples;
    }

    /** The adapter of the fixture: rank 3, alpha 6, all linear layers. */
    public LoraWeights adapter(DecoderWeights weights) {
        LoraWeights lora = new LoraWeights(
                new LoraLayout(weights, LoraShape.plain(3, 6, RunSpec.Lora.LINEAR_LAYERS, weights.config())));
        try (SafetensorsFile file = SafetensorsFile.open(adapterPath().resolve("adapter_model.safetensors"))) {
            for (TensorEntry entry : file.tensors().values()) {
                HostMemory.copyInto(Objects.requireNonNull(lora.byName().get(entry.name())), entry);
            }
        }
        return lora;
    }

    @Override
    public void close() {
        golden.close();
    }
}
