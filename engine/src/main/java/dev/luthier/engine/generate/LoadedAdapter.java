package dev.luthier.engine.generate;

import dev.luthier.engine.decoder.LowRank;
import dev.luthier.engine.lora.LoraCopies;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An adapter in memory; it lives until it is unloaded and the last row that uses it is closed. One thread. */
final class LoadedAdapter {
    private final LoraCopies copies;
    private final @Nullable LoadedClassifier classifier;
    private int users = 1; // the model that has it in its table counts as one

    /** @param classifier null if it is none */
    LoadedAdapter(LoraCopies copies, @Nullable LoadedClassifier classifier) {
        this.copies = copies;
        this.classifier = classifier;
    }

    @Nullable
    LoadedClassifier classifier() {
        return classifier;
    }

    /** Per layer, per projection. */
    List<List<@Nullable LowRank>> layers() {
        return copies.layers();
    }

    void use() {
        users++;
    }

    void giveBack() {
        users--;
        if (users == 0) {
            copies.close();
            if (classifier != null) {
                classifier.close();
            }
        }
    }
}
