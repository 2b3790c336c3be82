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
 * @param metadata pairs that a job must all have; empty selects the jobs without any
 */
public record JobFilter(Set<JobState> states, @Nullable String model, @Nullable Long createdAfterMillis,
        @Nullable Long createdBeforeMillis, @Nullable String createdBy, @Nullable String wandbProject,
        @Nullable String wandbName, @Nullable String suffix,
        @Nullable Map<String, String> metadata) {
    public static final JobFilter ALL = new JobFilter(Set.of(), null, null, null, null, null, null, null,
            null);

    public JobFilter {
        states = Set.copyOf(states);
        metadata = metadata == null ? null : Map.copyOf(metadata);
    }

    /** The same filter for jobs in one of these states; an empty set means all. */
    public JobFilter withStates(Set<JobState> wanted) {
        return new JobFilter(wanted, model, createdAfterMillis, createdBeforeMillis, createdBy, wandbProject, wandbName,
                suffix, metadata);
    }

    /** The same filter with a criterion on the callers' own notes. */
    public JobFilter withMetadata(@Nullable Map<String, String> pairs) {
        return new JobFilter(states, model, createdAfterMillis, createdBeforeMillis, createdBy, wandbProject, wandbName,
                suffix, pairs);
    }

    /** Conditions in SQL, each beginning with {@code and}; their parameters are {@link #parameters}. */
    String sql() {
        StringBuilder sql = new StringBuilder();
        if (!states.isEmpty()) {
            sql.append(states.stream().map(state -> "'" + state.name() + "'").sorted()
                    .collect(Collectors.joining(", ", " and state in (", ")")));
        }
        columns().keySet().forEach(name -> sql.append(switch (name) {
            case "after" -> " and created_at > :after";
            case "before" -> " and created_at < :before";
            default -> " and " + name + " = :" + name;
        }));
        if (metadata != null && metadata.isEmpty()) {
            sql.append(" and id not in (select job_id from job_metadata)");
        } else if (metadata != null) {
            for (int i = 0; i < metadata.size(); i++) {
                sql.append(" and id in (select job_id from job_metadata where key = :key").append(i)
                        .append(" and value = :value").append(i).append(")");
            }
        }
        return sql.toString();
    }

    Map<String, Object> parameters() {
        Map<String, Object> found = columns();
        int i = 0;
        for (Map.Entry<String, String> pair : metadata == null
                ? Set.<Map.Entry<String, String>>of()
                : metadata.entrySet()) {
            found.put("key" + i, pair.getKey());
            found.put("value" + i, pair.getValue());
            i++;
        }
        return found;
    }

    private Map<String, Object> columns() {
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
