package dev.luthier.engine.decoder;

import dev.luthier.engine.quant.Nf4Dequantizer;
import dev.luthier.engine.quant.Nf4Tensor;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * The matrices of all layers in fewer bits than the decoder computes with, and the one place where those of a single layer
 * lie in the type of its computation.
 */
final class QuantizedLayers implements AutoCloseable {
    private static final int NONE = -1;

    private final Nf4Dequantizer dequantizer = new Nf4Dequantizer();
    private final List<List<Matrix>> layers = new ArrayList<>();
    private int open = NONE;

    /** A matrix of a layer; its place is the same for that matrix of every layer. */
    private sealed interface Matrix {
        record Nf4(Nf4Tensor stored, Tensor place) implements Matrix {}

        record Narrow(Tensor stored, Tensor place) implements Matrix {}
    }

    QuantizedLayers(int layers) {
        for (int i = 0; i < layers; i++) {
            this.layers.add(new ArrayList<>());
        }
    }

    /** Adds a matrix in 4 bits. */
    void add(int layer, Nf4Tensor stored, Tensor place) {
        layers.get(layer).add(new Matrix.Nf4(stored, place));
    }

    /** Adds a matrix in a narrower type. */
    void add(int layer, Tensor stored, Tensor place) {
        layers.get(layer).add(new Matrix.Narrow(stored, place));
    }

    /** Writes the matrices of a layer to their places unless it is the one that was opened last. */
    void open(int layer) {
        if (layer != open) {
            open = NONE; // Not half of each if this fails.
            layers.get(layer).forEach(this::restore);
            open = layer;
        }
    }

    private void restore(Matrix matrix) {
        switch (matrix) {
            case Matrix.Nf4(Nf4Tensor stored, Tensor place) -> dequantizer.dequantize(stored, place);
            case Matrix.Narrow(Tensor stored, Tensor place) -> place.copy_(stored);
        }
    }

    @Override
    public void close() {
        dequantizer.close();
    }
}
