package dev.luthier.server.job;

import java.util.Locale;

/** The columns of a job's row that change together with its state. */
enum JobColumn {
    ATTEMPT, FINE_TUNED_MODEL, FRUITLESS_ATTEMPTS, NOT_BEFORE, OPENAI_MODEL, PLAN, PROBLEM, PROCESS, PROGRESS,
    QUEUED_AT,
    RESULT_FILE, TRAINED_TOKENS;

    /** The name in SQL. */
    String sql() {
        return name().toLowerCase(Locale.ROOT);
    }
}
