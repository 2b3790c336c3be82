package dev.luthier.engine.train;

import dev.luthier.core.data.EncodedFile;
import dev.luthier.core.data.ReuseRoom;
import dev.luthier.core.digest.Sha256;
import dev.luthier.core.json.Json;
import dev.luthier.core.run.RunSpec;
import dev.luthier.engine.decoder.LowerHidden;
import dev.luthier.engine.decoder.TrainingDecoder;
import dev.luthier.engine.tensor.DType;
import dev.luthier.engine.tensor.HostMemory;
import dev.luthier.engine.tensor.TensorScope;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Lower layers that run once per unit. When only the top layers carry adapters, what the layers below make of a unit never
 * changes: the hidden states that enter the lowest layer that learns are computed before the first step and read from disk
 * ever after, for as many units as may take room there. Which units these are, and in which packs they are computed,
 * depends on the spec alone, so that a run that goes on after a kill computes the same bytes.
 */
final class SampleReuse implements AutoCloseable {
    private final Map<EncodedFile, UnitFile> states;
    private final DType type;

    private SampleReuse(Map<EncodedFile, UnitFile> states, DType type) {
        this.states = states;
        this.type = type;
    }

    /** Of no unit. */
    static SampleReuse none() {
        return new SampleReuse(Map.of(), DType.FP32);
    }

    /**
     * Gives room to the files whose units are visited more than once, in order, until the bound is reached.
     *
     * @param directory of the files that are made
     * @param measurements how often validation units are visited
     */
    static SampleReuse plan(RunSpec spec, TrainingData data, TrainingDecoder decoder, int width, Path directory,
            int measurements) {
        Map<EncodedFile, UnitFile> states = new HashMap<>();
        DType type = DType.of(spec.numerics().baseType());
        if (decoder.lowestLayer() > 0) {
            List<EncodedFile> files = new ArrayList<>();
            for (int i = 0; i < data.training().size(); i++) {
                if (data.visitsPerSample(i) > 1) {
                    files.add(data.training().get(i));
                }
            }
            if (measurements > 1) {
                files.addAll(data.validation());
            }
            long tokenBytes = (long) width * type.sizeBytes();
            ReuseRoom room = new ReuseRoom(spec.numerics().reuseBytes() / tokenBytes);
            for (EncodedFile file : files) {
                int units = room.give(file.count(), file::length);
                if (units > 0) {
                    states.put(file, new UnitFile(file, units, unit -> file.length(unit) * tokenBytes,
                            directory.resolve("lower-" + states.size() + ".hidden"),
                            Sha256.hex(Json.write(spec) + file.fingerprint())));
                }
            }
        }
        return new SampleReuse(states, type);
    }

    /** Bytes on disk when all are filled. */
    long bytes() {
        return states.values().stream().mapToLong(UnitFile::bytes).sum();
    }

    /** Units that have room. */
    long units() {
        return states.values().stream().mapToLong(UnitFile::count).sum();
    }

    /**
     * Computes what is not on disk yet.
     *
     * @param stop asked between packs
     * @return false if it was asked to stop before the end
     */
    boolean fill(TrainingDecoder decoder, int packTokens, BooleanSupplier stop) {
        for (UnitFile each : states.values()) {
            boolean filled = each.fill(packTokens, stop, (pack, first, end, sink) -> {
                try (TensorScope _ = TensorScope.open()) {
                    sink.accept(HostMemory.hostBytes(decoder.lowerHidden(pack).narrow(0, 0, pack.realTokens()))
                            .asByteBuffer());
                }
            });
            if (!filled) {
                return false;
            }
        }
        return true;
    }

    /** Whether a unit's lower hidden states are on disk. */
    boolean knows(UnitPlace place) {
        UnitFile of = states.get(place.file());
        return of != null && place.index() < of.count();
    }

    /** Those of a pack of units, all known or none. */
    @Nullable
    LowerHidden lower(List<UnitPlace> pack) {
        if (!knows(pack.getFirst())) {
            return null;
        }
        return hidden -> {
            long row = 0;
            for (UnitPlace place : pack) {
                Tensor rows = hidden.narrow(0, row, place.length());
                UnitFile of = states.get(place.file());
                if (of == null) {
                    throw new IllegalStateException("a pack of known and unknown units");
                }
                HostMemory.copyInto(rows, of.of(place.index()), type);
                row += place.length();
            }
            hidden.narrow(0, row, hidden.size(0) - row).zero_(); // filling
        };
    }

    @Override
    public void close() {
        states.values().forEach(UnitFile::close);
    }
}
