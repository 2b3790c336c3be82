package dev.luthier.bench.train.input;

import dev.luthier.core.json.Json;
import dev.luthier.core.model.ModelConfig;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/** The shape of a published model, by its {@code config.json}. */
public enum BenchShape {
    SMOLLM2_135M("smollm2-135m", "SmolLM2-135M", 4096),
    SMOLLM2_360M("smollm2-360m", "SmolLM2-360M", 2048),
    QWEN2_5_0_5B("qwen2.5-0.5b", "Qwen2.5-0.5B", 2048),
    /** As small as the bundled model, to try the harness itself. */
    SMOKE("smoke", "smoke", 4096);

    private final String label;
    private final String title;
    private final int peerMicroBatchTokens;

    BenchShape(String label, String title, int peerMicroBatchTokens) {
        this.label = label;
        this.title = title;
        this.peerMicroBatchTokens = peerMicroBatchTokens;
    }

    /** The name on the command line and of files. */
    public String label() {
        return label;
    }

    /** The name in tables. */
    public String title() {
        return title;
    }

    /** Tokens of one pass that a peer without gradient checkpointing has memory for beside Luthier in 24 GB. */
    public int peerMicroBatchTokens() {
        return peerMicroBatchTokens;
    }

    /** The text of {@code config.json}. */
    public String configJson() {
        try (InputStream file = Objects.requireNonNull(BenchShape.class.getResourceAsStream(label + ".json"))) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public ModelConfig config() {
        return ModelConfig.parse(Json.parse(configJson()));
    }

    /** Parameters of the linear layers of all decoder layers, without biases. */
    public long linearParameters() {
        return linearShapes().stream().mapToLong(shape -> shape.getFirst() * shape.getLast()).sum();
    }

    /** Parameters of LoRA of a rank on all linear layers. */
    public long adapterParameters(int rank) {
        return linearShapes().stream().mapToLong(shape -> rank * (shape.getFirst() + shape.getLast())).sum();
    }

    private List<List<Long>> linearShapes() {
        return config().tensorShapes().entrySet().stream()
                .filter(tensor -> tensor.getKey().startsWith("model.layers.") && tensor.getValue().size() == 2)
                .map(tensor -> tensor.getValue()).toList();
    }
}
