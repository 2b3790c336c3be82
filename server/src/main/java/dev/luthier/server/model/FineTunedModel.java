package dev.luthier.server.model;

import dev.luthier.core.run.Task;
import java.nio.file.Path;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An adapter that can be used: trained by a job, or added from elsewhere.
 *
 * @param uuid its key; also the name of its adapter's directory
 * @param organization owner; other organizations do not see it
 * @param mistralName {@code ft:[classifier:]<base>:<organization>:<date>[:<suffix>]:<job>}
 * @param openaiName {@code ft:<base>:<organization>:<suffix>:<id>}
 * @param baseName name of the base model under {@code models/}
 * @param root name of the base model as the caller of the job wrote it, alias or not
 * @param job the job that trained it, or null for an added adapter
 * @param step for the adapter of an epoch, a checkpoint in OpenAI's words, the step at its end; null for all others
 * @param classifier what it tells of a text; null for a model that writes text
 * @param adapter directory in PEFT layout
 * @param adapterSha256 lower-case hex of {@code adapter_model.safetensors}
 * @param archived kept, but not to be used for inference until it is unarchived
 * @param name display name given by a user
 */
public record FineTunedModel(UUID uuid, String organization, String project, String mistralName, String openaiName,
        String baseName, String root, @Nullable UUID job, @Nullable Integer step,
        Task.@Nullable Classification classifier, Path adapter, String adapterSha256, boolean archived,
        @Nullable String name, @Nullable String description, long createdAtMillis) implements Model {

    @Override
    public String id() {
        return mistralName;
    }
}
