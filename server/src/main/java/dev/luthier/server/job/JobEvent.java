package dev.luthier.server.job;

import dev.luthier.core.job.JobState;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Something that happened to a job.
 *
 * @param sequence from 1, without gaps
 * @param state the state that the job reached, or null for a note
 * @param type metrics events are shown by OpenAI's dialect only
 * @param data further facts as a JSON object, for example the faults of a file; may be empty
 */
public record JobEvent(int sequence, long createdAtMillis, Type type, @Nullable JobState state, Level level,
        String message,
        JsonNode data) {

    /** Whether an event is for people, or carries the numbers of a step in its data. */
    public enum Type {
        MESSAGE, METRICS
    }

    /** How much attention an event deserves. */
    public enum Level {
        INFO, WARN, ERROR
    }
}
