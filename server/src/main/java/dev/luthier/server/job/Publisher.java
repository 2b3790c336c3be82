package dev.luthier.server.job;

import dev.luthier.core.job.JobState;
import dev.luthier.core.run.Outcome;
import dev.luthier.core.run.RunDirectory;
import dev.luthier.server.file.StoredFile;
import dev.luthier.server.model.AdapterShelf;
import dev.luthier.server.model.FineTunedModel;
import dev.luthier.server.model.FineTunedModels;
import java.time.InstantSource;
import java.util.UUID;

/**
 * Makes a finished run's adapter a model: hash verified, adapter moved, then the model's row, the file of its metrics
 * and the job's last state in one transaction, so whoever reads SUCCEEDED can use them.
 */
final class Publisher {
    private final JobStore jobs;
    private final FineTunedModels models;
    private final AdapterShelf shelf;
    private final ResultFiles results;
    private final InstantSource clock;

    Publisher(JobStore jobs, FineTunedModels models, AdapterShelf shelf, ResultFiles results, InstantSource clock) {
        this.jobs = jobs;
        this.models = models;
        this.shelf = shelf;
        this.results = results;
        this.clock = clock;
    }

    /** Ends the job SUCCEEDED, unless it was cancelled meanwhile: then nothing is published. */
    void publish(Job job, RunDirectory run, Outcome.Trained trained) {
        UUID key = AdapterShelf.modelOf(job.id());
        shelf.take(run, key, trained.adapterSha256());
        FineTunedModel model = TrainedModels.of(job, key, null, shelf.place(key), trained.adapterSha256(),
                clock.millis());
        StoredFile metrics = results.make(job, run);
        boolean published = false;
        try {
            published = jobs.move(succeeded(job, trained, model, metrics), client -> {
                models.insert(client, model);
                results.record(client, metrics);
            });
        } finally {
            if (!published) {
                results.discard(metrics);
            }
        }
        if (published) {
            AdapterShelf.deleteTree(run.checkpoints());
        }
    }

    private static JobTransition succeeded(Job job, Outcome.Trained trained, FineTunedModel model, StoredFile metrics) {
        JobTransition move = JobTransition.of(job, JobState.SUCCEEDED, "The job has successfully completed")
                .tellingFirst("New fine-tuned model created: " + model.mistralName())
                .data("fine_tuned_model", model.mistralName()).data("trained_tokens", trained.trainedTokens())
                .data("train_seconds", trained.trainSeconds()).set(JobColumn.FINE_TUNED_MODEL, model.mistralName())
                .set(JobColumn.OPENAI_MODEL, model.openaiName()).set(JobColumn.RESULT_FILE, metrics.id().toString())
                .set(JobColumn.TRAINED_TOKENS, trained.trainedTokens());
        Outcome.Selected selected = trained.selected();
        return selected == null
                ? move
                : move.data("early_stopped", selected.stepsSaved() > 0).data("steps_saved", selected.stepsSaved())
                        .data("early_stopping_best_step", selected.step())
                        .data("early_stopping_best_metric", selected.validLoss());
    }

    /** Throws away what a cancelled run made; the models of its epochs stay. */
    void discard(Job job, RunDirectory run) {
        AdapterShelf.deleteTree(run.adapter());
        AdapterShelf.deleteTree(run.checkpoints());
        AdapterShelf.deleteTree(run.encoded()); // the trainer of a paused job is gone
        shelf.discard(AdapterShelf.modelOf(job.id()));
    }
}
