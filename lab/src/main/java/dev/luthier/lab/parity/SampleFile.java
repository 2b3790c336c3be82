package dev.luthier.lab.parity;

import dev.luthier.core.data.EncodedSample;
import dev.luthier.core.safetensors.SafetensorsFile;
import dev.luthier.core.safetensors.SafetensorsWriter;
import dev.luthier.core.safetensors.TensorEntry;
import dev.luthier.core.safetensors.TensorType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Encoded samples as other programs exchange them with the engine: a safetensors file with {@code tokens} [N] int64 and
 * {@code weights} [N] fp32 of all samples behind each other, and {@code lengths} [samples] int64.
 */
final class SampleFile {
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private SampleFile() {}

    static void write(Path file, List<EncodedSample> samples) throws IOException {
        long[] tokens = samples.stream().flatMapToInt(sample -> Arrays.stream(sample.tokens())).asLongStream()
                .toArray();
        float[] weights = new float[tokens.length];
        int start = 0;
        for (EncodedSample sample : samples) {
            System.arraycopy(sample.weights(), 0, weights, start, sample.length());
            start += sample.length();
        }
        long[] lengths = samples.stream().mapToLong(EncodedSample::length).toArray();
        SafetensorsWriter writer = new SafetensorsWriter();
        writer.add("tokens", TensorType.I64, List.of((long) tokens.length), bytes(tokens));
        writer.add("weights", List.of((long) weights.length), weights);
        writer.add("lengths", TensorType.I64, List.of((long) lengths.length), bytes(lengths));
        writer.write(file);
    }

    private static MemorySegment bytes(long[] values) {
        MemorySegment bytes = MemorySegment.ofArray(new byte[values.length * Long.BYTES]);
        MemorySegment.copy(values, 0, bytes, LONG, 0, values.length);
        return bytes;
    }

    /** @throws dev.luthier.core.problem.ProblemException USER if the file is missing, malformed or lacks a tensor */
    static List<EncodedSample> read(Path file) {
        try (SafetensorsFile stored = SafetensorsFile.open(file)) {
            int[] tokens = Arrays.stream(longs(stored.tensor("tokens"))).mapToInt(Math::toIntExact).toArray();
            float[] weights = stored.tensor("weights").toFloats();
            List<EncodedSample> samples = new ArrayList<>();
            int start = 0;
            for (long length : longs(stored.tensor("lengths"))) {
                int end = start + Math.toIntExact(length);
                samples.add(new EncodedSample(Arrays.copyOfRange(tokens, start, end),
                        Arrays.copyOfRange(weights, start, end)));
                start = end;
            }
            return samples;
        }
    }

    private static long[] longs(TensorEntry entry) {
        if (entry.type() != TensorType.I64) {
            throw new IllegalArgumentException("tensor '" + entry.name() + "' must be I64, not " + entry.type());
        }
        return entry.data().toArray(LONG);
    }
}
