package dev.luthier.server.job;

import dev.luthier.server.model.AdapterShelf;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The adapter of an epoch of a job, usable as a model; losses are nats per target token. What was not measured is null.
 *
 * @param step the one at the epoch's end
 * @param model its name in the OpenAI form
 * @param trainLoss of that step
 * @param trainAccuracy of that step, 0 to 1
 * @param validLoss over all validation files
 */
public record JobCheckpoint(UUID job, int step, String model, long createdAtMillis, @Nullable Double trainLoss,
        @Nullable Double trainAccuracy, @Nullable Double validLoss, @Nullable Double validAccuracy) {

    /** Its key, which is that of its model. */
    public UUID id() {
        return AdapterShelf.snapshotOf(job, step);
    }
}
