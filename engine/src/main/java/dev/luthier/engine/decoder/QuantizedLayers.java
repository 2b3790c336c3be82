package dev.luthier.engine.decoder;

import dev.luthier.engine.quant.Nf4Dequantizer;
import dev.luthier.engine.quant.Nf4Tensor;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * The matrices of all layers in 4 bits, and the one place where those of a single layer lie as the decoder computes with
 * them.
 */
final class QuantizedLayers implements AutoCloseable {
    private static final int NONE = -1;

    private final Nf4Dequantizer dequantizer = new Nf4Dequantizer();
    private final List<List<Matrix>> layers = new ArrayList<>();
    private int open = NONE;

    /**
     * A matrix of a layer.
     *
     * @param place where it is dequantised to; the same for that matrix of every layer
     */
    private record Matrix(Nf4Tensor stored, Tensor place) {}

    QuantizedLayers(int layers) {
        for (int i = 0; i < layers; i++) {
            this.layers.add(new ArrayList<>());
        }
    }

    void add(int layer, Nf4Tensor stored, Tensor place) {
        layers.get(layer).add(new Matrix(stored, place));
    }

    /** Dequantises a layer unless it is the one that was opened last. */
    void open(int layer) {
        if (layer != open) {
            open = NONE; // Not half of each if this fails.
            layers.get(layer).forEach(matrix -> dequantizer.dequantize(matrix.stored(), matrix.place()));
            open = layer;
        }
    }

    @Override
    public void close() {
        dequantizer.close();
    }
}
