package dev.luthier.server.api.openai;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.luthier.server.api.Ids;
import dev.luthier.server.job.JobCheckpoint;
import org.jspecify.annotations.Nullable;

/**
 * A checkpoint as OpenAI's clients see it.
 *
 * @param createdAt Unix seconds
 */
record CheckpointJson(String id, String object, long createdAt, String fineTuningJobId,
        String fineTunedModelCheckpoint, int stepNumber, MetricsJson metrics) {

    /**
     * What is known of the checkpoint's step; the rest is left out. Validation is measured over the whole of the
     * validation files, so that both kinds of it say the same.
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record MetricsJson(int step, @Nullable Double trainLoss, @Nullable Double trainMeanTokenAccuracy,
            @Nullable Double validLoss, @Nullable Double validMeanTokenAccuracy, @Nullable Double fullValidLoss,
            @Nullable Double fullValidMeanTokenAccuracy) {}

    static CheckpointJson of(JobCheckpoint checkpoint) {
        return new CheckpointJson(Ids.openAi(Ids.CHECKPOINT, checkpoint.id()), "fine_tuning.job.checkpoint",
                checkpoint.createdAtMillis() / 1000, Ids.openAi(Ids.JOB, checkpoint.job()), checkpoint.model(),
                checkpoint.step(),
                new MetricsJson(checkpoint.step(), checkpoint.trainLoss(), checkpoint.trainAccuracy(),
                        checkpoint.validLoss(), checkpoint.validAccuracy(), checkpoint.validLoss(),
                        checkpoint.validAccuracy()));
    }
}
