package dev.luthier.server.job;

import dev.luthier.core.job.JobState;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.run.Task;
import dev.luthier.server.launch.RunHandle;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A job as it is stored.
 *
 * @param createdBy id of the API key that made it
 * @param plan null until its data was found valid
 * @param problem why it is FAILED or INVALID, or why its newest attempt ended early
 * @param attempt number of processes started for it
 * @param fruitlessAttempts attempts in a row that ended without a new step
 * @param notBeforeMillis a retry waits until then
 * @param process the newest attempt's process, or null when it was not started yet
 * @param progressOffset bytes of {@code progress.jsonl} that are taken over
 * @param fineTunedModel name of the model in the Mistral form, once SUCCEEDED
 * @param openAiModel name of the same model in the OpenAI form
 * @param resultFile the file of its metrics, once SUCCEEDED
 * @param queuedAtMillis when it entered the run queue; its place there
 */
public record Job(UUID id, String organization, String project, String createdBy, JobState state, JobRequest request,
        @Nullable JobPlan plan, @Nullable Problem problem, int attempt, int fruitlessAttempts, long notBeforeMillis,
        @Nullable RunHandle process, JobProgress progress, long progressOffset, @Nullable Long trainedTokens,
        @Nullable String fineTunedModel, @Nullable String openAiModel, @Nullable UUID resultFile, long createdAtMillis,
        long modifiedAtMillis, @Nullable Long queuedAtMillis,
        @Nullable Long finishedAtMillis) {

    /** What it learns to tell; null for a job of another method, and until its data was found valid. */
    public Task.@Nullable Classification classifier() {
        return plan != null && plan.task() instanceof Task.Classification classification ? classification : null;
    }

    /** The peak rate, planned or asked for; null while it is left to a plan that is not made yet. */
    public @Nullable Double learningRate() {
        return plan != null && plan.learningRate() != null
                ? plan.learningRate()
                : request.hyperparameters().learningRate();
    }
}
