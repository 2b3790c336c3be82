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
record JobTransition(UUID job, JobState from, JobState to, Level level, String message, Map<String, Object> data,
        Map<JobColumn, @Nullable Object> columns, @Nullable String before) {
    JobTransition {
        if (!from.next().contains(to)) {
            throw new IllegalArgumentException(from + " is never followed by " + to);
        }
    }

    static JobTransition of(Job job, JobState to, String message) {
        return new JobTransition(job.id(), job.state(), to, Level.INFO, message, Map.of(), Map.of(), null);
    }

    JobTransition at(Level newLevel) {
        return new JobTransition(job, from, to, newLevel, message, data, columns, before);
    }

    JobTransition data(String name, Object value) {
        Map<String, Object> more = new LinkedHashMap<>(data);
        more.put(name, value);
        return new JobTransition(job, from, to, level, message, more, columns, before);
    }

    JobTransition set(JobColumn column, @Nullable Object value) {
        Map<JobColumn, @Nullable Object> more = new LinkedHashMap<>(columns);
        more.put(column, value);
        return new JobTransition(job, from, to, level, message, data, more, before);
    }

    /** Tells something in an event of its own first. */
    JobTransition tellingFirst(String text) {
        return new JobTransition(job, from, to, level, message, data, columns, text);
    }

    JobTransition plan(JobPlan plan) {
        return set(JobColumn.PLAN, JobDocuments.PLAN.write(plan));
    }

    /** The reason, stored with the job and told in the event. */
    JobTransition because(Problem problem) {
        return set(JobColumn.PROBLEM, JobDocuments.PROBLEM.write(problem)).data("reason", problem.message()).data(
                "code",
                problem.code());
    }
}
