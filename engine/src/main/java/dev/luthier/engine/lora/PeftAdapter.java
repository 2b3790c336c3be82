package dev.luthier.engine.lora;

import dev.luthier.core.adapter.AdapterDirectory;
import dev.luthier.core.adapter.AdapterKind;
import dev.luthier.core.adapter.ClassifierConfig;
import dev.luthier.core.digest.Checksums;
import dev.luthier.core.digest.Sha256;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.run.RunDirectory;
import dev.luthier.core.safetensors.SafetensorsWriter;
import dev.luthier.core.safetensors.TensorEntry;
import dev.luthier.core.safetensors.TensorType;
import dev.luthier.engine.decoder.DecoderWeights;
import dev.luthier.engine.tensor.HostMemory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Adapters on disk in PEFT's layout as tensors; {@link AdapterDirectory} knows the layout. */
public final class PeftAdapter {
    private PeftAdapter() {}

    /**
     * Reads an adapter for a base model, ours or foreign; one that is a classifier has a head.
     *
     * @param base the model it was trained for
     * @return its weights in fp32; the caller closes them
     * @throws dev.luthier.core.problem.ProblemException USER if a file is missing, damaged or malformed, the adapter is of a
     *     variant that is not supported, or it does not fit the model
     */
    public static LoraWeights load(Path directory, DecoderWeights base) {
        requireSound(directory);
        try (AdapterDirectory adapter = AdapterDirectory.open(directory, base.config())) {
            return weights(adapter, base);
        }
    }

    /**
     * As {@link #load(Path, DecoderWeights)}, of one kind.
     *
     * @throws dev.luthier.core.problem.ProblemException USER also if it is of the other kind
     */
    public static LoraWeights load(Path directory, DecoderWeights base, AdapterKind wanted) {
        requireSound(directory);
        try (AdapterDirectory adapter = AdapterDirectory.open(directory, base.config(), wanted)) {
            return weights(adapter, base);
        }
    }

    private static void requireSound(Path directory) {
        Checksums.damage(directory).ifPresent(why -> {
            throw Problem.user("adapter_damaged", directory + " is damaged: " + why + ".").asException();
        });
    }

    private static LoraWeights weights(AdapterDirectory adapter, DecoderWeights base) {
        ClassifierConfig classifier = adapter.classifier();
        LoraWeights weights = new LoraWeights(
                new LoraLayout(base, adapter.shape(), classifier == null ? 0 : classifier.labels()));
        try {
            weights.byName().forEach((name, tensor) -> {
                TensorEntry stored = Objects.requireNonNull(adapter.tensors().get(name));
                HostMemory.copyInto(tensor, stored);
            });
            return weights;
        } catch (RuntimeException e) {
            weights.close();
            throw e;
        }
    }

    /**
     * Writes an adapter and its checksums durably into a directory, which is made if needed.
     *
     * @param classifier what the head tells; null if there is none
     * @param base of the adapter
     * @param baseModel its name, one that means the same on other machines
     * @return SHA-256 of {@code adapter_model.safetensors}, lower-case hex
     */
    public static String save(LoraWeights weights, @Nullable ClassifierConfig classifier, DecoderWeights base,
            String baseModel, Path directory) throws IOException {
        Files.createDirectories(directory);
        Map<String, String> texts = new HashMap<>();
        if (classifier != null) {
            texts.put(ClassifierConfig.FILE, classifier.json());
        }
        texts.put(AdapterDirectory.CONFIG_FILE, AdapterDirectory.configJson(weights.layout().shape(),
                classifier == null ? AdapterKind.COMPLETION : AdapterKind.CLASSIFIER, baseModel, base.config()));
        Map<String, String> sums = new HashMap<>();
        for (Map.Entry<String, String> text : texts.entrySet()) {
            RunDirectory.writeDurably(directory.resolve(text.getKey()), text.getValue());
            sums.put(text.getKey(), Sha256.hex(text.getValue()));
        }
        SafetensorsWriter writer = new SafetensorsWriter().metadata("format", "pt");
        weights.byName().forEach((name, tensor) -> writer.add(name, TensorType.F32,
                LongStream.of(HostMemory.shape(tensor)).boxed().toList(), HostMemory.hostBytes(tensor)));
        String sha256 = writer.write(directory.resolve(AdapterDirectory.WEIGHTS_FILE));
        sums.put(AdapterDirectory.WEIGHTS_FILE, sha256);
        Checksums.write(directory, sums);
        return sha256;
    }
}
