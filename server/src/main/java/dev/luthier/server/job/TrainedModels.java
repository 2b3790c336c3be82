package dev.luthier.server.job;

import dev.luthier.server.model.FineTunedModel;
import dev.luthier.server.model.ModelNames;
import java.nio.file.Path;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What the models that jobs make are called. */
final class TrainedModels {
    private TrainedModels() {}

    /**
     * The model of a job's adapter, that of an epoch or the last.
     *
     * @param key of the model
     * @param step of an epoch's adapter; null for the one that the job ends with
     */
    static FineTunedModel of(Job job, UUID key, @Nullable Integer step, Path adapter, String sha256,
            long createdAtMillis) {
        JobRequest request = job.request();
        String root = ModelNames.root(request.model());
        Instant created = Instant.ofEpochMilli(job.createdAtMillis());
        String mistral = ModelNames.mistral(job.classifier() == null ? root : ModelNames.classifier(root),
                job.organization(), created, request.suffix(), job.id());
        String openai = ModelNames.openai(root, job.organization(), request.suffix(), job.id());
        return new FineTunedModel(key, job.organization(), job.project(),
                step == null ? mistral : ModelNames.checkpoint(mistral, step),
                step == null ? openai : ModelNames.checkpoint(openai, step), request.baseModel(), root, job.id(), step,
                job.classifier(), adapter, sha256, false, null, null, createdAtMillis);
    }
}
