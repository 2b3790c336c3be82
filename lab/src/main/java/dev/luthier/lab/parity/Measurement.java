package dev.luthier.lab.parity;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.luthier.core.data.EncodedSample;
import dev.luthier.core.data.Packer;
import dev.luthier.core.model.ModelDirectory;
import dev.luthier.core.run.MemoryTier;
import dev.luthier.core.safetensors.SafetensorsWriter;
import dev.luthier.core.safetensors.TensorType;
import dev.luthier.engine.decoder.DecoderWeights;
import dev.luthier.engine.decoder.LossSum;
import dev.luthier.engine.decoder.Pack;
import dev.luthier.engine.decoder.TrainingDecoder;
import dev.luthier.engine.generate.ServedLogits;
import dev.luthier.engine.lora.LoraCopies;
import dev.luthier.engine.lora.LoraWeights;
import dev.luthier.engine.lora.PeftAdapter;
import dev.luthier.engine.tensor.DType;
import dev.luthier.engine.tensor.HostMemory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/**
 * One measurement of the engine over samples: what training and serving compute for a model and an adapter.
 *
 * @param model directory of the base model
 * @param adapter directory of the adapter, in PEFT layout
 * @param samples see {@link SampleFile}
 * @param type of the base: {@code bf16} or {@code fp32}
 * @param tier of the training decoder
 * @param arrangement how the samples are put into packs
 * @param packTokens of a pack, at most
 * @param logits how many of the samples the serving side's logits are wanted of, from the first on; 0 for none
 * @param out safetensors file to write: {@code loss} [1] weighted mean; {@code nll} [targets], sample by sample;
 *     {@code gradient.NAME} for each tensor of the adapter under PEFT's name; {@code logits.INDEX} [T, V]
 */
record Measurement(Path model, Path adapter, Path samples, String type, MemoryTier tier, Arrangement arrangement,
        int packTokens, int logits, Path out) {

    /** How samples are put into packs. */
    enum Arrangement {
        /** As the trainer packs the samples of a step. */
        @JsonProperty("packed")
        PACKED,
        /** The same packs, the samples of each in the opposite order. */
        @JsonProperty("reversed")
        REVERSED,
        /** One sample a pack; the gradients of all are accumulated. */
        @JsonProperty("single")
        SINGLE
    }

    /** Computes and writes. */
    void run() throws IOException {
        List<EncodedSample> inputs = SampleFile.read(samples);
        SafetensorsWriter writer = new SafetensorsWriter();
        try (DecoderWeights weights = DecoderWeights.load(ModelDirectory.open(model), DType.of(type));
                LoraWeights lora = PeftAdapter.load(adapter, weights);
                LoraWeights gradients = new LoraWeights(lora.layout());
                LoraCopies copies = new LoraCopies(lora, weights);
                TrainingDecoder decoder = new TrainingDecoder(weights, copies.trainable(gradients), tier)) {
            train(decoder, inputs, writer);
            gradients.byName().forEach((name, tensor) -> writer.add("gradient." + name, TensorType.F32, shape(tensor),
                    HostMemory.hostBytes(tensor)));
            if (logits > 0) {
                serve(inputs.subList(0, logits), weights.config().vocabSize(), writer);
            }
            writer.write(out);
        }
    }

    private void train(TrainingDecoder decoder, List<EncodedSample> inputs, SafetensorsWriter writer) {
        List<int[]> packs = packs(inputs.stream().mapToInt(EncodedSample::length).toArray());
        double weight = 0;
        for (EncodedSample sample : inputs) {
            weight += Pack.of(List.of(sample)).weightSum();
        }
        double[][] losses = new double[inputs.size()][];
        LossSum sum = LossSum.ZERO;
        for (int[] members : packs) {
            List<EncodedSample> together = Arrays.stream(members).mapToObj(inputs::get).toList();
            Pack pack = Pack.of(together);
            split(decoder.tokenLosses(pack), members, together, losses);
            sum = sum.plus(decoder.forwardBackward(pack, weight));
        }
        double[] all = Arrays.stream(losses).flatMapToDouble(Arrays::stream).toArray();
        writer.add("nll", List.of((long) all.length), floats(all));
        writer.add("loss", List.of(1L), new float[]{(float) sum.meanLoss()});
    }

    private List<int[]> packs(int[] lengths) {
        return switch (arrangement) {
            case PACKED -> Packer.pack(lengths, packTokens);
            case REVERSED -> Packer.pack(lengths, packTokens).stream()
                    .map(pack -> IntStream.range(0, pack.length).map(i -> pack[pack.length - 1 - i]).toArray())
                    .toList();
            case SINGLE -> IntStream.range(0, lengths.length).mapToObj(sample -> new int[]{sample}).toList();
        };
    }

    /** Gives each sample of a pack its own losses. */
    private static void split(double[] ofPack, int[] members, List<EncodedSample> together, double[][] losses) {
        int start = 0;
        for (int i = 0; i < members.length; i++) {
            int targets = 0;
            for (float weight : together.get(i).weights()) {
                targets += weight != 0 ? 1 : 0;
            }
            losses[members[i]] = Arrays.copyOfRange(ofPack, start, start + targets);
            start += targets;
        }
    }

    private void serve(List<EncodedSample> inputs, int vocabulary, SafetensorsWriter writer) {
        List<float[]> all = ServedLogits.of(model, adapter, DType.of(type),
                inputs.stream().map(EncodedSample::tokens).toList());
        for (int i = 0; i < all.size(); i++) {
            writer.add("logits." + i, List.of((long) inputs.get(i).length(), (long) vocabulary), all.get(i));
        }
    }

    private static float[] floats(double[] values) {
        float[] result = new float[values.length];
        for (int i = 0; i < result.length; i++) {
            result[i] = (float) values[i];
        }
        return result;
    }

    private static List<Long> shape(Tensor tensor) {
        List<Long> shape = new ArrayList<>();
        for (int dimension = 0; dimension < tensor.dim(); dimension++) {
            shape.add(tensor.size(dimension));
        }
        return shape;
    }
}
