package dev.luthier.server.job;

import dev.luthier.core.plan.TrainingThreads;
import dev.luthier.core.run.ComputeDevice;
import dev.luthier.server.model.BaseModel;
import java.nio.file.Path;
import java.time.Duration;

/**
 * How this server runs jobs.
 *
 * @param runs holds a run directory per job
 * @param device that runs compute on
 * @param maxRuns training processes at a time
 * @param threads OpenMP threads of a trainer, or 0 to choose by the size of the model
 * @param reuseBytes disk that a run may use to compute the layers below the adapted ones once
 * @param memoryBytes that a run may take; 0 for its share of most of the machine's
 * @param fruitlessAttempts attempts in a row without a new step after which a job fails
 * @param retryDelay before the second attempt; doubles with each fruitless one
 * @param killAfter a trainer that was asked to cancel is killed after this time, one that was asked to pause after ten
 *     times as long
 * @param stopWithin a stopping server waits this long for checkpoints
 * @param interval between two looks at live jobs
 */
public record RunSettings(Path runs, ComputeDevice device, int maxRuns, int threads, long reuseBytes, long memoryBytes,
        int fruitlessAttempts,
        Duration retryDelay,
        Duration killAfter, Duration stopWithin, Duration interval) {

    /** OpenMP threads of a trainer of this model. */
    int threadsFor(BaseModel base) {
        return threads > 0 ? threads : TrainingThreads.suiting(base.parameters());
    }
}
