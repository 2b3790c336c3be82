package dev.luthier.engine.generate;

import dev.luthier.core.adapter.ClassifierConfig;
import dev.luthier.engine.decoder.ClassifierHead;
import dev.luthier.engine.decoder.DecoderWeights;
import dev.luthier.engine.tensor.DType;
import dev.luthier.engine.tensor.HostMemory;
import dev.luthier.engine.tensor.TensorArena;
import dev.luthier.engine.tensor.TensorScope;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;

/** A classifier's head in memory, with what its rows mean. One thread. */
final class LoadedClassifier implements AutoCloseable {
    private final ClassifierConfig config;
    private final TensorArena arena = new TensorArena();
    private final ClassifierHead head;

    /**
     * @param weight of the head, copied
     * @param base not owned
     */
    LoadedClassifier(ClassifierConfig config, Tensor weight, DecoderWeights base) {
        this.config = config;
        Tensor copy = arena.empty(DType.FP32, HostMemory.shape(weight));
        try (TensorScope _ = TensorScope.open()) {
            copy.copy_(weight);
        }
        head = new ClassifierHead(base, copy, null);
    }

    /**
     * The probabilities of all labels, target by target, for each text.
     *
     * @param hidden rows of the last layer's output
     * @param lastRows of each text the row of its last token
     */
    double[][] probabilities(Tensor hidden, int[] lastRows) {
        return Arrays.stream(head.scores(hidden, lastRows)).map(this::probabilities).toArray(double[][]::new);
    }

    private double[] probabilities(float[] scores) {
        double[] probabilities = new double[scores.length];
        int first = 0;
        for (ClassifierConfig.Target target : config.targets()) {
            double[] own = new double[target.labels().size()];
            for (int i = 0; i < own.length; i++) {
                own[i] = scores[first + i];
            }
            System.arraycopy(target.probabilities(own), 0, probabilities, first, own.length);
            first += own.length;
        }
        return probabilities;
    }

    @Override
    public void close() {
        head.close();
        arena.close();
    }
}
