package dev.luthier.server.job;

import dev.luthier.core.job.JobState;
import dev.luthier.core.run.Outcome;
import dev.luthier.core.run.RunDirectory;
import dev.luthier.server.model.AdapterShelf;
import dev.luthier.server.model.FineTunedModel;
import dev.luthier.server.model.FineTunedModels;
import dev.luthier.server.model.ModelNames;
import java.time.Instant;
import java.time.InstantSource;
import java.util.UUID;

/**
 * Makes a finished run's adapter a model: hash verified, adapter moved, then the model's row and the job's last state
 * in one transaction, so whoever reads SUCCEEDED can use the model.
 */
final class Publisher {
    private final JobStore jobs;
    private final FineTunedModels models;
    private final AdapterShelf shelf;
    private final InstantSource clock;

    Publisher(JobStore jobs, FineTunedModels models, AdapterShelf shelf, InstantSource clock) {
        this.jobs = jobs;
        this.models = models;
        this.shelf = shelf;
        this.clock = clock;
    }

    /** Ends the job SUCCEEDED, unless it was cancelled meanwhile: then nothing is published. */
    void publish(Job job, RunDirectory run, Outcome.Trained trained) {
        UUID key = AdapterShelf.modelOf(job.id());
        shelf.take(run, key, trained.adapterSha256());
        FineTunedModel model = model(job, key, trained);
        boolean published = jobs.move(
                Move.of(job, JobState.SUCCEEDED, "New fine-tuned model created: " + model.mistralName())
                        .data("fine_tuned_model", model.mistralName()).data("trained_tokens", trained.trainedTokens())
                        .data("train_seconds", trained.trainSeconds()).set("fine_tuned_model", model.mistralName())
                        .set("openai_model", model.openaiName())
                        .set("trained_tokens", trained.trainedTokens()),
                client -> models.insert(client, model));
        if (published) {
            AdapterShelf.deleteTree(run.checkpoints());
        }
    }

    /** Throws away what a cancelled run made. */
    void discard(Job job, RunDirectory run) {
        AdapterShelf.deleteTree(run.adapter());
        AdapterShelf.deleteTree(run.checkpoints());
        shelf.discard(AdapterShelf.modelOf(job.id()));
    }

    private FineTunedModel model(Job job, UUID key, Outcome.Trained trained) {
        JobRequest request = job.request();
        Instant created = Instant.ofEpochMilli(job.createdAtMillis());
        return new FineTunedModel(key, job.organization(), job.project(),
                ModelNames.mistral(request.model(), job.organization(), created, request.suffix(), job.id()),
                ModelNames.openai(request.model(), job.organization(), request.suffix(), job.id()),
                request.baseModel(), request.model(), job.id(), shelf.place(key), trained.adapterSha256(), false, null,
                null, clock.millis());
    }
}
