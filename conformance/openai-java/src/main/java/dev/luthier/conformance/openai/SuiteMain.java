package dev.luthier.conformance.openai;

import com.openai.client.OpenAIClient;
import com.openai.models.finetuning.jobs.FineTuningJob;
import java.io.IOException;

/** The suite, in the order in which a user meets the routes. */
public final class SuiteMain {
    private SuiteMain() {}

    /** The program; its exit code is 1 when a check failed. */
    public static void main(String[] arguments) throws IOException {
        Report report = new Report();
        report.sdk();
        Connection connection = Connection.open();
        new FileChecks(connection).run(report);
        JobChecks jobs = new JobChecks(connection);
        String tuned = jobs.train(report);
        jobs.lists(report);
        String checkpoint = jobs.checkpoints(report);
        jobs.pauseResumeAndCancel(report);
        ModelChecks models = new ModelChecks(connection, tuned);
        models.read(report);
        models.chat(report, checkpoint);
        models.completions(report);
        jobs.continueFrom(report, tuned);
        new PreferenceChecks(connection).run(report, tuned);
        jobs.permissions(report, checkpoint);
        new FaultChecks(connection).run(report, jobs);
        models.delete(report);
        bareAddress(report, jobs.ended());
        System.exit(report.failed() ? 1 : 0);
    }

    private static void bareAddress(Report report, String job) {
        report.check("any route under /v1", () -> {
            OpenAIClient bare = Connection.client(Connection.environment("LUTHIER_TEST_URL") + "/v1",
                    Connection.environment("LUTHIER_TEST_KEY"));
            Report.same(bare.fineTuning().jobs().retrieve(job).id(), job);
            Report.require(bare.fineTuning().jobs().list().data().stream().map(FineTuningJob::id)
                    .allMatch(id -> id.startsWith("ftjob-")), "ids of another dialect");
            Report.require(bare.files().list().data().stream().allMatch(file -> file.id().startsWith("file-")),
                    "ids of another dialect");
        });
    }
}
