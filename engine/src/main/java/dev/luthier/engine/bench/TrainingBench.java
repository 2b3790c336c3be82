package dev.luthier.engine.bench;

import dev.luthier.core.model.ModelConfig;
import dev.luthier.core.run.MemoryTier;
import dev.luthier.engine.decoder.DecoderWeights;
import dev.luthier.engine.decoder.WeightLayout;
import dev.luthier.engine.lora.LoraShape;
import dev.luthier.engine.probe.SyntheticStep;
import dev.luthier.engine.tensor.DType;
import dev.luthier.engine.tensor.ResidentMemory;
import dev.luthier.engine.tensor.TensorScope;
import dev.luthier.engine.train.LoraModel;
import java.util.Arrays;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Scalar;

/**
 * Speed of LoRA training on random weights of a model's shape, as a share of what the machine's matrix products alone
 * reach.
 */
final class TrainingBench {
    private TrainingBench() {}

    /**
     * What to measure.
     *
     * @param samples samples of a step
     * @param length tokens of a sample, all of them targets but the first
     */
    record Settings(BenchShape shape, DType type, int rank, int samples, int length, int steps, boolean recompute) {}

    /**
     * What was measured.
     *
     * @param secondsPerStep median
     * @param bestSecondsPerStep shortest
     * @param tokensPerSecond at the median
     * @param peakGflops rate of the matrix products alone, 10^9 FLOP/s: the better of before and after
     * @param mfu model FLOP utilisation at the median, share of the peak
     * @param bestMfu at the shortest step
     * @param peakResidentGb 10^9 bytes
     */
    record Figures(double secondsPerStep, double bestSecondsPerStep, double tokensPerSecond, double peakGflops,
            double mfu, double bestMfu, double peakResidentGb, double loss) {}

    static Figures run(Settings settings) {
        ModelConfig config = settings.shape.config();
        long tokens = (long) settings.samples * settings.length;
        DecoderWeights weights = randomWeights(config, settings.type);
        LoraModel model = LoraModel.fresh(weights, LoraShape.plain(settings.rank, settings.rank, LoraShape.ALL_LINEAR),
                settings.recompute ? MemoryTier.RECOMPUTE_LAYERS : MemoryTier.KEEP, 1);
        try (SyntheticStep step = new SyntheticStep(model, 1, settings.samples, settings.length)) {
            step.run();
            double loss = step.run().meanLoss();
            double resident = ResidentMemory.peakBytes() / 1e9;
            double peak = ProductPeak.measure(config, settings.type, tokens);
            double[] seconds = new double[settings.steps];
            for (int i = 0; i < seconds.length; i++) {
                long start = System.nanoTime();
                step.run();
                seconds[i] = (System.nanoTime() - start) / 1e9;
            }
            peak = Math.max(peak, ProductPeak.measure(config, settings.type, tokens));
            Arrays.sort(seconds);
            double median = seconds[seconds.length / 2];
            double operations = operationsPerToken(config, model.adapter().layout().size(), settings.length) * tokens;
            return new Figures(median, seconds[0], tokens / median, peak / 1e9, operations / median / peak,
                    operations / seconds[0] / peak, resident, loss);
        }
    }

    private static DecoderWeights randomWeights(ModelConfig config, DType type) {
        DecoderWeights weights = DecoderWeights.zeros(new WeightLayout(config), type);
        try (TensorScope _ = TensorScope.open()) {
            weights.byName().forEach((name, tensor) -> {
                if (name.endsWith("norm.weight")) {
                    tensor.fill_(new Scalar(1.0));
                } else {
                    tensor.normal_(0, 0.02, new GeneratorOptional());
                }
            });
        }
        return weights;
    }

    /** F = 4 P + 4 V H + 6 P_l + 7 L s d_a: every token a target, no recomputation counted. */
    private static double operationsPerToken(ModelConfig config, long adapterParameters, long length) {
        double heads = (double) config.heads() * config.headDim();
        double layerParameters = config.hiddenSize() * (2 * heads + 2.0 * config.kvHeads() * config.headDim())
                + 3.0 * config.hiddenSize() * config.intermediateSize();
        return 4 * config.layers() * layerParameters + 4.0 * config.vocabSize() * config.hiddenSize()
                + 6.0 * adapterParameters + 7.0 * config.layers() * length * heads;
    }
}
