package dev.luthier.server.job;

import dev.luthier.core.job.JobState;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Something that happened to a job.
 *
 * @param sequence from 1, without gaps
 * @param state the state that the job reached, or null for a note
 * @param data further facts as a JSON object, for example the faults of a file; may be empty
 */
public record JobEvent(int sequence, long createdAtMillis, @Nullable JobState state, Level level, String message,
        JsonNode data) {

    /** How much attention an event deserves. */
    public enum Level {
        INFO, WARN, ERROR
    }
}
