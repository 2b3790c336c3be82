package dev.luthier.server.api.openai;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.luthier.core.job.JobState;

/** OpenAI's names for the states of a job. All but {@link #PAUSED} are in its schema, which some clients hold to. */
enum JobStatus {
    @JsonProperty("validating_files")
    VALIDATING_FILES, @JsonProperty("queued")
    QUEUED, @JsonProperty("running")
    RUNNING, @JsonProperty("succeeded")
    SUCCEEDED, @JsonProperty("failed")
    FAILED, @JsonProperty("cancelled")
    CANCELLED, @JsonProperty("paused")
    PAUSED;

    /** @param showsPaused whether a paused job is shown as such, and not as queued */
    static JobStatus of(JobState state, boolean showsPaused) {
        return switch (state) {
            case RECEIVED, VALIDATING -> VALIDATING_FILES;
            case VALIDATED, WAITING, STARTING -> QUEUED;
            case RUNNING, PAUSING -> RUNNING;
            case PAUSED -> showsPaused ? PAUSED : QUEUED;
            case SUCCEEDED -> SUCCEEDED;
            case FAILED, INVALID -> FAILED;
            case CANCELLING, CANCELLED -> CANCELLED;
        };
    }
}
