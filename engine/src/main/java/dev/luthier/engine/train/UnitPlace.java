package dev.luthier.engine.train;

import dev.luthier.core.data.EncodedFile;
import dev.luthier.core.data.EncodedSample;
import dev.luthier.core.data.EncodedUnit;
import dev.luthier.engine.decoder.Pack;
import java.util.ArrayList;
import java.util.List;

/** A unit of an encoded file. */
record UnitPlace(EncodedFile file, int index) {
    int length() {
        return file.length(index);
    }

    EncodedUnit unit() {
        return file.get(index);
    }

    /** The sequences of units side by side. */
    static Pack pack(List<UnitPlace> units) {
        List<EncodedSample> sequences = new ArrayList<>();
        units.forEach(place -> sequences.addAll(place.unit().sequences()));
        return Pack.of(sequences);
    }
}
