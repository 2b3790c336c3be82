package dev.luthier.engine.bench;

import dev.luthier.core.model.Architecture;
import dev.luthier.core.model.ModelConfig;
import dev.luthier.core.model.Rope;
import dev.luthier.core.model.RopeScaling;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Shapes of well-known models, to be filled with random weights. */
@SuppressWarnings("ImmutableEnumChecker") // A configuration is immutable; it only does not say so.
enum BenchShape {
    SMOLLM2_135M(49152, 576, 1536, 30, 9, 3, 64, true),
    SMOLLM2_360M(49152, 960, 2560, 32, 15, 5, 64, true),
    TINYLLAMA_1_1B(32000, 2048, 5632, 22, 32, 4, 64, false),
    /** The bundled model. */
    LUTHIER_TINY(4096, 192, 512, 5, 3, 3, 64, true);

    private final ModelConfig config;

    BenchShape(int vocabulary, int hidden, int intermediate, int layers, int heads, int kvHeads, int headDim,
            boolean tied) {
        config = new ModelConfig(Architecture.LLAMA, vocabulary, hidden, intermediate, layers, heads, kvHeads, headDim,
                1e-5, new Rope(10000, new RopeScaling.None()), 8192, tied, false, false, false, false,
                Collections.nCopies(layers, 0), null, null, List.of(), null);
    }

    ModelConfig config() {
        return config;
    }

    /** The name on the command line, for example {@code smollm2-135m}. */
    String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static BenchShape of(String label) {
        return Stream.of(values()).filter(shape -> shape.label().equals(label)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("unknown shape " + label + "; known are "
                        + String.join(", ", Stream.of(values()).map(BenchShape::label).toList())));
    }
}
