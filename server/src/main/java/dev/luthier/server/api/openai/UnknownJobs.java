package dev.luthier.server.api.openai;

import dev.luthier.core.problem.ProblemException;
import dev.luthier.server.api.ApiFailure;
import dev.luthier.server.api.Fault;
import dev.luthier.server.api.FieldValue;
import dev.luthier.server.api.Ids;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;

/** Says in OpenAI's words that there is no such job. */
final class UnknownJobs {
    private UnknownJobs() {}

    /**
     * Works on the job of an id in either form.
     *
     * @throws ApiFailure 404, when it is no id, or the work finds no such job
     */
    static <T> T named(String id, Function<UUID, T> work) {
        UUID uuid = Ids.parse(Ids.JOB, id).orElseThrow(() -> unknown(id));
        try {
            return work.apply(uuid);
        } catch (ProblemException e) {
            if (e.problem().code().equals("job_not_found")) {
                throw unknown(id);
            }
            throw e;
        }
    }

    private static ApiFailure unknown(String id) {
        return ApiFailure.of(404, new Fault("fine_tune_not_found",
                "Could not find fine tune: " + FieldValue.shown(id), List.of("path", "fine_tune_id")));
    }

    /** A list cannot go on after what is not in it. */
    static ApiFailure after(String id) {
        return ApiFailure.invalid(List.of(new Fault("unknown_cursor", "There is no \"" + FieldValue.shown(id)
                + "\" to go on after. Give the id of the last item of the page before.", List.of("query", "after"))));
    }
}
