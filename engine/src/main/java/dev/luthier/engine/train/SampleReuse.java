package dev.luthier.engine.train;

import dev.luthier.core.data.EncodedFile;
import dev.luthier.core.data.EncodedSample;
import dev.luthier.core.data.ReuseRoom;
import dev.luthier.core.digest.Sha256;
import dev.luthier.core.json.Json;
import dev.luthier.core.run.RunSpec;
import dev.luthier.engine.decoder.LowerHidden;
import dev.luthier.engine.decoder.Pack;
import dev.luthier.engine.decoder.TrainingDecoder;
import dev.luthier.engine.tensor.DType;
import dev.luthier.engine.tensor.TensorScope;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Lower layers that run once per sample. When only the top layers carry adapters, what the layers below make of a sample
 * never changes: it is computed before the first step and read from disk ever after, for as many samples as may take
 * room there. Which samples these are, and in which packs they are computed, depends on the spec alone, so that a run
 * that goes on after a kill computes the same bytes.
 */
final class SampleReuse implements AutoCloseable {
    static final SampleReuse NONE = new SampleReuse(Map.of());
    private static final long COMMIT_NANOS = 10_000_000_000L;

    private final Map<EncodedFile, LowerStates> states;

    private SampleReuse(Map<EncodedFile, LowerStates> states) {
        this.states = states;
    }

    /** A sample of a file. */
    record Place(EncodedFile file, int index) {
        int length() {
            return file.length(index);
        }

        EncodedSample sample() {
            return file.get(index);
        }
    }

    /**
     * Gives room to the files whose samples are visited more than once, in order, until the bound is reached.
     *
     * @param directory of the files that are made
     * @param measurements how often validation samples are visited
     */
    static SampleReuse plan(RunSpec spec, TrainingData data, TrainingDecoder decoder, int width, Path directory,
            int measurements) {
        Map<EncodedFile, LowerStates> states = new HashMap<>();
        if (decoder.lowestLayer() > 0) {
            DType type = DType.of(spec.numerics().baseType());
            List<EncodedFile> files = new ArrayList<>();
            for (int i = 0; i < data.training().size(); i++) {
                if (data.visitsPerSample(i) > 1) {
                    files.add(data.training().get(i));
                }
            }
            if (measurements > 1) {
                files.addAll(data.validation());
            }
            ReuseRoom room = new ReuseRoom(spec.numerics().reuseBytes() / ((long) width * type.sizeBytes()));
            for (EncodedFile file : files) {
                int samples = room.give(file.count(), file::length);
                if (samples > 0) {
                    states.put(file, new LowerStates(file, type, width, samples,
                            directory.resolve("lower-" + states.size() + ".hidden"),
                            Sha256.hex(Json.write(spec) + file.fingerprint())));
                }
            }
        }
        return new SampleReuse(states);
    }

    /** Bytes on disk when all are filled. */
    long bytes() {
        return states.values().stream().mapToLong(LowerStates::bytes).sum();
    }

    /** Samples that have room. */
    long samples() {
        return states.values().stream().mapToLong(LowerStates::count).sum();
    }

    /**
     * Computes what is not on disk yet.
     *
     * @param stop asked between packs
     * @return false if it was asked to stop before the end
     */
    boolean fill(TrainingDecoder decoder, int packTokens, BooleanSupplier stop) {
        try {
            for (LowerStates each : states.values()) {
                if (!fill(each, decoder, packTokens, stop)) {
                    return false;
                }
                each.open();
            }
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean fill(LowerStates states, TrainingDecoder decoder, int packTokens, BooleanSupplier stop)
            throws IOException {
        try (LowerStates.Writer writer = states.writer()) {
            long committed = System.nanoTime();
            while (writer.next() < states.count() && !stop.getAsBoolean()) {
                int end = packEnd(states, writer.next(), packTokens);
                List<EncodedSample> samples = new ArrayList<>();
                for (int i = writer.next(); i < end; i++) {
                    samples.add(states.samples().get(i));
                }
                Pack pack = Pack.of(samples);
                try (TensorScope _ = TensorScope.open()) {
                    writer.append(end, decoder.lowerHidden(pack).narrow(0, 0, pack.realTokens()));
                }
                if (System.nanoTime() - committed > COMMIT_NANOS) {
                    writer.commit();
                    committed = System.nanoTime();
                }
            }
            writer.commit();
            return writer.next() == states.count();
        }
    }

    /* Packs are cut from the start of the file, so that filling anew anywhere makes the same packs. */
    private static int packEnd(LowerStates states, int start, int packTokens) {
        int end = start + 1;
        long tokens = states.samples().length(start);
        while (end < states.count() && tokens + states.samples().length(end) <= packTokens) {
            tokens += states.samples().length(end);
            end++;
        }
        return end;
    }

    /** Whether a sample's lower hidden states are on disk. */
    boolean knows(Place place) {
        LowerStates of = states.get(place.file());
        return of != null && place.index() < of.count();
    }

    /** Those of a pack of samples, all known or none. */
    @Nullable
    LowerHidden lower(List<Place> pack) {
        if (!knows(pack.getFirst())) {
            return null;
        }
        return hidden -> {
            long row = 0;
            for (Place place : pack) {
                Tensor rows = hidden.narrow(0, row, place.length());
                LowerStates of = states.get(place.file());
                if (of == null) {
                    throw new IllegalStateException("a pack of known and unknown samples");
                }
                of.copyTo(place.index(), rows);
                row += place.length();
            }
            hidden.narrow(0, row, hidden.size(0) - row).zero_(); // filling
        };
    }

    @Override
    public void close() {
        states.values().forEach(LowerStates::close);
    }
}
