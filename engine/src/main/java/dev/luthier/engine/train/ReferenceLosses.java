package dev.luthier.engine.train;

import dev.luthier.core.data.EncodedFile;
import dev.luthier.core.digest.Sha256;
import dev.luthier.core.json.Json;
import dev.luthier.core.run.RunSpec;
import dev.luthier.engine.decoder.Pack;
import dev.luthier.engine.decoder.TargetLosses;
import dev.luthier.engine.decoder.TrainingDecoder;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * Negative log-probabilities of both answers of each pair under the reference policy. They are computed once, before the
 * first step, and kept on disk: no second model is needed, and a resumed run uses the same values.
 */
final class ReferenceLosses implements AutoCloseable {
    private static final ValueLayout.OfDouble DOUBLE = ValueLayout.JAVA_DOUBLE_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int PAIR_BYTES = 2 * Double.BYTES;

    private final Map<EncodedFile, UnitFile> files = new HashMap<>();
    private final int packTokens;
    private long computed;

    /**
     * @param files of pairs
     * @param directory of the files that are made
     */
    ReferenceLosses(RunSpec spec, List<EncodedFile> files, Path directory) {
        this.packTokens = spec.batch().microBatchTokens();
        for (EncodedFile file : files) {
            this.files.put(file, new UnitFile(file, file.count(), unit -> PAIR_BYTES,
                    directory.resolve("reference-" + this.files.size() + ".losses"),
                    Sha256.hex(Json.write(spec) + file.fingerprint())));
        }
    }

    /**
     * The cross-entropies of a pair's answers, each the sum over its tokens in nats.
     *
     * @param chosen of the preferred answer
     */
    record Pair(double chosen, double rejected) {}

    /** Pairs computed by this attempt. */
    long computed() {
        return computed;
    }

    /**
     * Computes what is not on disk yet.
     *
     * @param decoder with the weights from before the first step
     * @param stop asked between packs
     * @return false if it was asked to stop before the end
     */
    boolean fill(TrainingDecoder decoder, BooleanSupplier stop) {
        for (UnitFile file : files.values()) {
            boolean filled = file.fill(packTokens, stop, (pack, first, end, sink) -> {
                sink.accept(bytes(pack, decoder.losses(pack, null), end - first));
                computed += end - first;
            });
            if (!filled) {
                return false;
            }
        }
        return true;
    }

    private static ByteBuffer bytes(Pack pack, TargetLosses losses, int pairs) {
        ByteBuffer bytes = ByteBuffer.allocate(pairs * PAIR_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int answer = 0; answer < 2 * pairs; answer++) {
            bytes.putDouble(losses.sum(pack.firstTarget(answer), pack.firstTarget(answer + 1)));
        }
        return bytes.flip();
    }

    /** Those of a pair; only after {@link #fill}. */
    Pair of(UnitPlace place) {
        UnitFile file = files.get(place.file());
        if (file == null) {
            throw new IllegalArgumentException("a pair of another run");
        }
        MemorySegment bytes = file.of(place.index());
        return new Pair(bytes.get(DOUBLE, 0), bytes.get(DOUBLE, Double.BYTES));
    }

    @Override
    public void close() {
        files.values().forEach(UnitFile::close);
    }
}
