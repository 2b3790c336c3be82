package dev.luthier.bench.train.input;

import dev.luthier.core.model.ModelConfig;
import dev.luthier.core.safetensors.SafetensorsWriter;
import dev.luthier.core.safetensors.TensorType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Makes model directories in Hugging Face layout, of published shapes with random weights. */
public final class ModelMaker {
    private ModelMaker() {}

    /**
     * The directory of a shape's model, made now unless it is there.
     *
     * @param models the folder of all models
     */
    public static Path make(BenchShape shape, Path models) throws IOException {
        Path directory = models.resolve(shape.label());
        Path weights = directory.resolve("model.safetensors");
        // The weights come last, and appear whole.
        if (Files.exists(weights) && Files.readString(directory.resolve("config.json")).equals(shape.configJson())) {
            return directory;
        }
        Files.createDirectories(directory);
        Files.deleteIfExists(weights);
        ModelConfig config = shape.config();
        WordTokenizer tokenizer = new WordTokenizer(config.vocabSize());
        Files.writeString(directory.resolve("config.json"), shape.configJson());
        Files.writeString(directory.resolve("tokenizer.json"), tokenizer.tokenizerJson());
        Files.writeString(directory.resolve("tokenizer_config.json"), tokenizer.configJson(config.maxPositions()));
        SafetensorsWriter writer = new SafetensorsWriter().metadata("format", "pt");
        config.tensorShapes().forEach((name, dimensions) -> writer.add(name, TensorType.BF16, dimensions,
                () -> RandomWeights.of(name, dimensions)));
        writer.write(weights);
        return directory;
    }
}
