package dev.luthier.server.api.openai;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A fine-tuning job as OpenAI's clients see it. Times are Unix seconds. Every key is always there, as strict clients
 * want it, also when its value is null.
 *
 * @param error null unless the job failed
 * @param estimatedFinish null unless it is running
 * @param model as the caller named it
 * @param resultFiles empty until the job succeeded
 * @param trainingFile of a job with several, the first
 * @param method left out for one that the clients do not know
 */
record JobJson(String object, String id, long createdAt, @Nullable ErrorJson error, @Nullable String fineTunedModel,
        @Nullable Long finishedAt, HyperparametersJson hyperparameters, String model, String organizationId,
        List<String> resultFiles, JobStatus status, @Nullable Long trainedTokens, String trainingFile,
        @Nullable String validationFile, List<IntegrationJson> integrations, int seed, @Nullable Long estimatedFinish,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable MethodJson method,
        @Nullable Map<String, String> metadata) {

    record ErrorJson(String code, String message, @Nullable String param) {}

    /** Each a number, or {@code "auto"} until it is known. */
    record HyperparametersJson(Object batchSize, Object learningRateMultiplier, Object nEpochs) {}

    /** What it asked for: one of the methods, or none for clients that cannot read its numbers. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record MethodJson(String type, @Nullable SupervisedJson supervised, @Nullable DpoJson dpo) {}

    record SupervisedJson(HyperparametersJson hyperparameters) {}

    record DpoJson(DpoHyperparametersJson hyperparameters) {}

    /** @param beta a number, or {@code "auto"} */
    record DpoHyperparametersJson(Object beta, @JsonUnwrapped HyperparametersJson others) {}

    record IntegrationJson(String type, WandbJson wandb) {}

    record WandbJson(String project, @Nullable String name, @Nullable String entity, List<String> tags) {}
}
