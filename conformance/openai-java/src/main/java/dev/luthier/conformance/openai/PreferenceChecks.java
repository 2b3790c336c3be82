package dev.luthier.conformance.openai;

import static dev.luthier.conformance.openai.Connection.preferenceLines;
import static dev.luthier.conformance.openai.Report.require;
import static dev.luthier.conformance.openai.Report.same;

import com.openai.models.finetuning.jobs.FineTuningJob;
import com.openai.models.finetuning.jobs.FineTuningJob.Status;
import com.openai.models.finetuning.jobs.FineTuningJobEvent;
import com.openai.models.finetuning.jobs.JobCreateParams;
import com.openai.models.finetuning.methods.DpoHyperparameters;
import com.openai.models.finetuning.methods.DpoMethod;
import com.openai.services.blocking.finetuning.JobService;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Jobs that learn from preferences. */
final class PreferenceChecks {
    private final Connection connection;
    private final JobService jobs;

    PreferenceChecks(Connection connection) {
        this.connection = connection;
        this.jobs = connection.client().fineTuning().jobs();
    }

    /** @param tuned a fine-tuned model, from which one of the jobs goes on */
    void run(Report report, String tuned) {
        report.check("POST /fine_tuning/jobs (dpo)", () -> {
            String pairs = connection.upload("pairs.jsonl", preferenceLines(40)).id();
            String heldOut = connection.upload("held-out.jsonl", preferenceLines(12)).id();
            for (String model : List.of(connection.model(), tuned)) {
                check(model, pairs, heldOut);
            }
        });
    }

    private void check(String model, String pairs, String heldOut) throws InterruptedException {
        FineTuningJob made = jobs.create(JobCreateParams.builder().model(model).trainingFile(pairs)
                .validationFile(heldOut)
                .method(JobCreateParams.Method.builder().type(JobCreateParams.Method.Type.DPO)
                        .dpo(DpoMethod.builder()
                                .hyperparameters(DpoHyperparameters.builder().beta(0.2).nEpochs(4).build()).build())
                        .build())
                .build());
        same(hyperparameters(made).beta().orElseThrow().asNumber(), 0.2);
        require(hyperparameters(made).batchSize().orElseThrow().isAuto(), made);
        FineTuningJob ended = connection.untilEnded(made.id());
        same(ended.status(), Status.SUCCEEDED);
        same(ended.method().orElseThrow().type(), FineTuningJob.Method.Type.DPO);
        same(hyperparameters(ended).batchSize().orElseThrow().asInteger(), 8L);
        List<FineTuningJobEvent> steps = jobs.listEvents(made.id()).autoPager().stream()
                .filter(event -> event.type().filter(FineTuningJobEvent.Type.METRICS::equals).isPresent()).toList();
        same(steps.size(), 20);
        require(Math.abs(number(steps.getLast(), "train_loss") - Math.log(2)) < 0.005, steps.getLast());
        require(number(steps.getFirst(), "train_loss") < Math.log(2), steps.getFirst());
        require(number(steps.getFirst(), "train_reward_margin") > 0, steps.getFirst());
        require(number(steps.getFirst(), "full_valid_reward_accuracy") >= 0.9, steps.getFirst());
    }

    private static DpoHyperparameters hyperparameters(FineTuningJob job) {
        return job.method().orElseThrow().dpo().orElseThrow().hyperparameters().orElseThrow();
    }

    private static double number(FineTuningJobEvent event, String name) {
        Map<?, ?> data = Objects.requireNonNull(event._data().convert(Map.class));
        return ((Number) Objects.requireNonNull(data.get(name), name)).doubleValue();
    }
}
