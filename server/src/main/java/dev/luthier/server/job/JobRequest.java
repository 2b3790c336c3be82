package dev.luthier.server.job;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What was asked for, in terms of neither dialect; every value is checked.
 *
 * @param dialect {@link #MISTRAL} or {@link #OPENAI}: where the job was made
 * @param model the model as the caller named it: a base model, an alias of one, or a fine-tuned model
 * @param baseModel the base model's own name, also when a fine-tuned model was named
 * @param method what is to be learnt
 * @param suffix part of the tuned model's name
 * @param autoStart whether training starts once the data is found valid
 * @param skipInvalidShare share of a file's samples that may be faulty and are then left out, 0 to 0.5
 * @param seed 0 to 2147483647
 * @param startModel key of the fine-tuned model whose adapter training goes on from; null begins a new adapter
 * @param metadata the caller's own notes, in the caller's order; null when none were given
 * @param training how the adapter is trained
 * @param rules of the API that it was made through
 */
public record JobRequest(String dialect, String model, String baseModel, Method method,
        List<JobFile> trainingFiles, List<JobFile> validationFiles, Hyperparameters hyperparameters,
        @Nullable String suffix, boolean autoStart,
        double skipInvalidShare, List<WandbIntegration> integrations, int seed, @Nullable UUID startModel,
        @Nullable Map<String, String> metadata, TrainingSettings training, JobRules rules) {
    public static final String MISTRAL = "mistral";
    public static final String OPENAI = "openai";

    /** What problems name as at fault. */
    static final String TRAINING = "training_files";
    static final String VALIDATION = "validation_files";

    public JobRequest {
        trainingFiles = List.copyOf(trainingFiles);
        validationFiles = List.copyOf(validationFiles);
        integrations = List.copyOf(integrations);
        metadata = metadata == null ? null : Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
    }

    /** What the job does with one of its files: {@link #TRAINING} or {@link #VALIDATION}. */
    String role(JobFile file) {
        return trainingFiles.contains(file) ? TRAINING : VALIDATION;
    }
}
