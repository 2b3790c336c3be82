package dev.luthier.conformance.openai;

import static dev.luthier.conformance.openai.Connection.trainingLines;
import static dev.luthier.conformance.openai.Report.fails;

import com.openai.client.OpenAIClient;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.errors.RateLimitException;
import com.openai.errors.UnauthorizedException;
import com.openai.errors.UnexpectedStatusCodeException;
import com.openai.models.finetuning.jobs.JobCreateParams;

/** Faults arrive as the SDK's exceptions, with their text. */
@SuppressWarnings("deprecation") // what OpenAI deprecates is still sent
final class FaultChecks {
    private static final String NOWHERE = "0000000000000000000000";

    private final Connection connection;
    private final OpenAIClient client;

    FaultChecks(Connection connection) {
        this.connection = connection;
        this.client = connection.client();
    }

    void run(Report report, JobChecks jobs) {
        report.check("400 training file", () -> fails(BadRequestException.class, 400, "ine 12",
                () -> connection.upload("bad.jsonl",
                        trainingLines(11) + "{\"messages\":[{\"role\":\"asistant\",\"content\":\"x\"}]}\n")));
        report.check("400 parameter", () -> {
            JobCreateParams.Builder request = JobCreateParams.builder().model(connection.model())
                    .trainingFile(jobs.trainingFile());
            fails(BadRequestException.class, 400, "n_epochs",
                    () -> client.fineTuning().jobs().create(request
                            .hyperparameters(JobCreateParams.Hyperparameters.builder().nEpochs(51).build()).build()));
        });
        report.check("401", () -> fails(UnauthorizedException.class, 401, "",
                () -> Connection.client(Connection.environment("LUTHIER_TEST_URL") + "/openai/v1", "wrong").models()
                        .list()));
        report.check("404 job",
                () -> fails(NotFoundException.class, 404, "",
                        () -> client.fineTuning().jobs().retrieve("ftjob-" + NOWHERE)));
        report.check("404 file",
                () -> fails(NotFoundException.class, 404, "", () -> client.files().retrieve("file-" + NOWHERE)));
        report.check("404 model", () -> fails(NotFoundException.class, 404, "no-such-model",
                () -> client.models().retrieve("no-such-model")));
        // This SDK has no exception of its own for 409.
        report.check("409", () -> fails(UnexpectedStatusCodeException.class, 409, "",
                () -> client.fineTuning().jobs().resume(jobs.ended())));
        report.check("429", () -> {
            OpenAIClient limited = Connection.client(Connection.environment("LUTHIER_TEST_LIMITED_URL") + "/openai/v1",
                    Connection.environment("LUTHIER_TEST_LIMITED_KEY"));
            fails(RateLimitException.class, 429, "", () -> {
                while (true) {
                    limited.models().list();
                }
            });
        });
    }
}
