package dev.luthier.conformance;

import java.util.List;

/** A vendor's API as the compatibility table shows it: one row for each route, and one for each fault. */
enum Dialect {
    OPENAI("OpenAI's API", List.of("POST /files", "GET /files", "GET /files/{id}", "GET /files/{id}/content",
            "DELETE /files/{id}", //
            "POST /uploads", "POST /uploads/{id}/parts", "POST /uploads/{id}/complete", "POST /uploads/{id}/cancel", //
            "POST /fine_tuning/jobs", "POST /fine_tuning/jobs (hyperparameters)", "POST /fine_tuning/jobs (continue)",
            "POST /fine_tuning/jobs (dpo)",
            "POST /fine_tuning/jobs (Idempotency-Key)", "POST /fine_tuning/jobs (luthier settings)",
            "GET /fine_tuning/jobs", "GET /fine_tuning/jobs/{id}",
            "GET /fine_tuning/jobs/{id}/events", "GET /fine_tuning/jobs/{id}/checkpoints",
            "POST /fine_tuning/jobs/{id}/cancel", "POST /fine_tuning/jobs/{id}/pause",
            "POST /fine_tuning/jobs/{id}/resume", //
            "POST /fine_tuning/checkpoints/{model}/permissions", "GET /fine_tuning/checkpoints/{model}/permissions",
            "DELETE /fine_tuning/checkpoints/{model}/permissions/{id}", //
            "GET /models", "GET /models/{model}", "DELETE /models/{model}", //
            "POST /chat/completions", "POST /chat/completions (stream)", "POST /chat/completions (checkpoint)",
            "POST /completions", "POST /completions (stream)", //
            "any route under /v1", //
            "400 training file", "400 parameter", "401", "404 job", "404 file", "404 model", "409", "429")),

    MISTRAL("Mistral's API", List.of("POST /files", "GET /files", "GET /files/{id}", "GET /files/{id}/content",
            "GET /files/{id}/url", "DELETE /files/{id}", //
            "POST /fine_tuning/jobs", "POST /fine_tuning/jobs (luthier settings)",
            "POST /fine_tuning/jobs (classifier)", "GET /fine_tuning/jobs", "GET /fine_tuning/jobs/{id}",
            "POST /fine_tuning/jobs/{id}/start", "POST /fine_tuning/jobs/{id}/cancel", //
            "GET /models", "GET /models/{model}", "DELETE /models/{model}", "PATCH /fine_tuning/models/{model}",
            "POST /fine_tuning/models/{model}/archive", "DELETE /fine_tuning/models/{model}/archive", //
            "POST /chat/completions", "POST /chat/completions (stream)", "POST /classifications",
            "POST /chat/classifications", //
            "any route under /v1", //
            "400 training file", "400 parameter", "401", "404 job", "404 file", "404 model", "409", "422 chat", "429"));

    private final String title;
    @SuppressWarnings("ImmutableEnumChecker") // made by List.of
    private final List<String> routes;

    Dialect(String title, List<String> routes) {
        this.title = title;
        this.routes = routes;
    }

    String title() {
        return title;
    }

    /** What every suite of this dialect must report on. */
    List<String> routes() {
        return routes;
    }
}
