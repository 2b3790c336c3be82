package dev.luthier.server.api.openai;

import dev.luthier.core.problem.ProblemException;
import dev.luthier.server.api.ApiFailure;
import dev.luthier.server.api.FieldValue;
import java.util.function.Supplier;

/** A model that a request names and that cannot answer it: unknown, archived or another organization's. */
final class MissingModel {
    private MissingModel() {}

    /** Does work that looks up a model to answer, and words its absence as OpenAI does: without {@code param}. */
    static <T> T orFound(String name, Supplier<T> work) {
        try {
            return work.get();
        } catch (ProblemException e) {
            if (e.problem().code().equals("invalid_model")) {
                throw ApiFailure.of(404, "invalid_model", message(name));
            }
            throw e;
        }
    }

    /** On routes about models; {@code param} is {@code model} there. */
    static ApiFailure failure(String name) {
        return ApiFailure.of(404, "model_not_found", message(name));
    }

    private static String message(String name) {
        return "The model `" + FieldValue.shown(name) + "` does not exist or you do not have access to it.";
    }
}
