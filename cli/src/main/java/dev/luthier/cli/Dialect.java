package dev.luthier.cli;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Whose SDK the user works with: how ids, names and statuses of jobs look. */
enum Dialect {
    OPENAI("/openai/v1/fine_tuning/jobs"), MISTRAL("/mistral/v1/fine_tuning/jobs");

    private final String jobs;

    Dialect(String jobs) {
        this.jobs = jobs;
    }

    /** The one that an id of a job is written in, if none is chosen. */
    static Dialect of(String job, @Nullable Dialect chosen) {
        return chosen != null ? chosen : job.startsWith("ftjob-") ? OPENAI : MISTRAL;
    }

    /** The route of the jobs. */
    String jobs() {
        return jobs;
    }

    /** How a job of {@code /luthier/v1/jobs} looks in the chosen dialect, or in the one that it was made in. */
    static JsonNode form(JsonNode job, @Nullable Dialect chosen) {
        String name = chosen == null ? job.path("dialect").asString() : chosen.name().toLowerCase(Locale.ROOT);
        return job.path("forms").path(name);
    }
}
