package dev.luthier.server.api;

import dev.luthier.core.job.JobState;
import dev.luthier.server.job.Job;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** How one vendor's clients see a job: by which id, status and name of its model. */
public interface JobForm {

    /** As {@code JobRequest.dialect} names it. */
    String dialect();

    String id(Job job);

    String status(JobState state);

    /** Null until there is one. */
    @Nullable
    String fineTunedModel(Job job);

    /** The names of all statuses. */
    List<String> statuses();

    /** The states that are shown by a status, in whatever case it is written; empty for a name that is no status. */
    default Set<JobState> states(String status) {
        Set<JobState> states = EnumSet.noneOf(JobState.class);
        for (JobState state : JobState.values()) {
            if (status(state).equalsIgnoreCase(status)) {
                states.add(state);
            }
        }
        return states;
    }
}
