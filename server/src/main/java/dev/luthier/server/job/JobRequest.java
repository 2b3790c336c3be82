package dev.luthier.server.job;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was asked for, in terms of neither dialect; every value is checked and complete.
 *
 * @param dialect {@code mistral} or {@code openai}: where the job was made
 * @param model base model as the caller named it, alias or not
 * @param baseModel the base model's own name
 * @param suffix part of the tuned model's name
 * @param autoStart whether training starts once the data is found valid
 * @param skipInvalidShare share of a file's samples that may be faulty and are then left out, 0 to 0.5
 * @param seed 0 to 2147483647
 */
public record JobRequest(String dialect, String model, String baseModel, List<JobFile> trainingFiles,
        List<JobFile> validationFiles, Hyperparameters hyperparameters, @Nullable String suffix, boolean autoStart,
        double skipInvalidShare, List<WandbIntegration> integrations, int seed) {
    public JobRequest {
        trainingFiles = List.copyOf(trainingFiles);
        validationFiles = List.copyOf(validationFiles);
        integrations = List.copyOf(integrations);
    }
}
