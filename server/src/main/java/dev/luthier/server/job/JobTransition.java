package dev.luthier.server.job;

import dev.luthier.core.job.JobState;
import dev.luthier.core.problem.Problem;
import dev.luthier.server.job.JobEvent.Level;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A change of a job's state, to be made if the job still is in the state it starts from, together with the event that
 * tells of it.
 *
 * @param columns further columns of the job that change with the state
 * @param data facts for the event
 * @param before text of an event that comes before it, or null
 */
record Move(UUID job, JobState from, JobState to, Level level, String message, Map<String, Object> data,
        Map<String, @Nullable Object> columns, @Nullable String before) {
    Move {
        if (!from.next().contains(to)) {
            throw new IllegalArgumentException(from + " is never followed by " + to);
        }
    }

    static Move of(Job job, JobState to, String message) {
        return new Move(job.id(), job.state(), to, Level.INFO, message, Map.of(), Map.of(), null);
    }

    Move at(Level newLevel) {
        return new Move(job, from, to, newLevel, message, data, columns, before);
    }

    Move data(String name, Object value) {
        Map<String, Object> more = new LinkedHashMap<>(data);
        more.put(name, value);
        return new Move(job, from, to, level, message, more, columns, before);
    }

    Move set(String column, @Nullable Object value) {
        Map<String, @Nullable Object> more = new LinkedHashMap<>(columns);
        more.put(column, value);
        return new Move(job, from, to, level, message, data, more, before);
    }

    /** Tells something in an event of its own first. */
    Move tellingFirst(String text) {
        return new Move(job, from, to, level, message, data, columns, text);
    }

    Move plan(JobPlan plan) {
        return set("plan", JobDocuments.PLAN.write(plan));
    }

    /** The reason, stored with the job and told in the event. */
    Move because(Problem problem) {
        return set("problem", JobDocuments.PROBLEM.write(problem)).data("reason", problem.message()).data("code",
                problem.code());
    }
}
