package dev.luthier.server.api.mistral;

import dev.luthier.core.job.JobState;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Mistral's names for the states of a job. */
enum JobStatus {
    QUEUED, STARTED, VALIDATING, VALIDATED, RUNNING, FAILED_VALIDATION, FAILED, SUCCESS, CANCELLED,
    CANCELLATION_REQUESTED;

    /** By name, for requests. */
    static final Map<String, JobStatus> NAMES = names();

    private static Map<String, JobStatus> names() {
        Map<String, JobStatus> names = new LinkedHashMap<>();
        for (JobStatus status : values()) {
            names.put(status.name(), status);
        }
        return names;
    }

    /** The state as it is, for events and for callers that want it. */
    static JobStatus precise(JobState state) {
        return switch (state) {
            case RECEIVED, WAITING, PAUSING, PAUSED -> QUEUED;
            case VALIDATING -> VALIDATING;
            case VALIDATED -> VALIDATED;
            case STARTING -> STARTED;
            case RUNNING -> RUNNING;
            case CANCELLING -> CANCELLATION_REQUESTED;
            case SUCCEEDED -> SUCCESS;
            case FAILED -> FAILED;
            case INVALID -> FAILED_VALIDATION;
            case CANCELLED -> CANCELLED;
        };
    }

    /** What pollers see: published loops go on while a job is QUEUED or RUNNING, and must not end early. */
    static JobStatus forPollers(JobState state) {
        JobStatus precise = precise(state);
        return precise == VALIDATING || precise == STARTED ? QUEUED : precise;
    }

    /**
     * The states that a filter for this status selects. VALIDATING and STARTED select their state whatever pollers
     * are shown.
     *
     * @param showsPrecise whether {@code status} shows the precise state
     */
    Set<JobState> states(boolean showsPrecise) {
        Set<JobState> states = EnumSet.noneOf(JobState.class);
        for (JobState state : JobState.values()) {
            if ((showsPrecise ? precise(state) : forPollers(state)) == this || precise(state) == this) {
                states.add(state);
            }
        }
        return states;
    }
}
