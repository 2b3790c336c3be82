package dev.luthier.server.job;

import dev.luthier.core.job.JobState;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which jobs of an organization a list shows; null leaves a criterion out.
 *
 * @param states empty means all
 * @param createdAfterMillis exclusive
 * @param createdBeforeMillis exclusive
 * @param createdBy id of an API key
 */
public record JobFilter(Set<JobState> states, @Nullable String model, @Nullable Long createdAfterMillis,
        @Nullable Long createdBeforeMillis, @Nullable String createdBy, @Nullable String wandbProject,
        @Nullable String wandbName, @Nullable String suffix) {
    public static final JobFilter ALL = new JobFilter(Set.of(), null, null, null, null, null, null, null);

    public JobFilter {
        states = Set.copyOf(states);
    }

    /** Conditions in SQL, each beginning with {@code and}; their parameters are {@link #parameters}. */
    String sql() {
        StringBuilder sql = new StringBuilder();
        if (!states.isEmpty()) {
            sql.append(states.stream().map(state -> "'" + state.name() + "'").sorted()
                    .collect(Collectors.joining(", ", " and state in (", ")")));
        }
        parameters().keySet().forEach(name -> sql.append(switch (name) {
            case "after" -> " and created_at > :after";
            case "before" -> " and created_at < :before";
            default -> " and " + name + " = :" + name;
        }));
        return sql.toString();
    }

    Map<String, Object> parameters() {
        Map<String, Object> found = new LinkedHashMap<>();
        put(found, "after", createdAfterMillis);
        put(found, "before", createdBeforeMillis);
        put(found, "model", model);
        put(found, "created_by", createdBy);
        put(found, "wandb_project", wandbProject);
        put(found, "wandb_name", wandbName);
        put(found, "suffix", suffix);
        return found;
    }

    private static void put(Map<String, Object> into, String name, @Nullable Object value) {
        if (value != null) {
            into.put(name, value);
        }
    }
}
