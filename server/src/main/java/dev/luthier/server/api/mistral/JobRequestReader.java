package dev.luthier.server.api.mistral;

import dev.luthier.server.api.FieldValue;
import dev.luthier.server.api.Fields;
import dev.luthier.server.api.JobReferences;
import dev.luthier.server.api.TrainingHeader;
import dev.luthier.server.api.TrainingReader;
import dev.luthier.server.job.Hyperparameters;
import dev.luthier.server.job.JobFile;
import dev.luthier.server.job.JobRequest;
import dev.luthier.server.job.JobRules;
import dev.luthier.server.job.Method;
import dev.luthier.server.job.TrainingResolver;
import dev.luthier.server.job.TrainingSettings;
import dev.luthier.server.job.WandbIntegration;
import dev.luthier.server.key.Principal;
import dev.luthier.server.key.SecretBox;
import dev.luthier.server.model.BaseModel;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Reads the body that creates a job and reports every fault in it at once, those of models and files that are not there
 * included.
 */
public final class JobRequestReader {
    private static final JobRules RULES = new JobRules(0, false);
    private static final Pattern SUFFIX = Pattern.compile("[a-zA-Z0-9_-]*");
    private static final int MAX_SUFFIX = 18;
    private static final double MAX_SKIPPED = 0.5;
    private static final int MIN_SEQ_LEN = 100;

    private final JobReferences references;
    private final TrainingReader trainingReader;
    private final SecretBox secrets;
    private final int seed;

    /** @param seed of every job of this dialect, which has no field for it */
    JobRequestReader(JobReferences references, TrainingReader trainingReader, SecretBox secrets, int seed) {
        this.references = references;
        this.trainingReader = trainingReader;
        this.secrets = secrets;
        this.seed = seed;
    }

    /**
     * @param id of the job to be; secrets are sealed for it
     * @throws dev.luthier.server.api.ApiFailure 400, with every fault
     */
    public JobRequest read(UUID id, Principal caller, TrainingHeader header, Fields body) {
        Optional<JobReferences.Start> start = references.start(body, caller, "model");
        List<JobFile> training = trainingFiles(body, caller);
        List<JobFile> validation = validationFiles(body, caller, training);
        Hyperparameters hyperparameters = hyperparameters(body.object("hyperparameters"),
                start.map(JobReferences.Start::base));
        String suffix = body.text("suffix").maxLength(MAX_SUFFIX)
                .matching(SUFFIX, "hold only letters, digits, hyphens and underscores").orElse("");
        boolean autoStart = body.bool("auto_start").orElse(false);
        double skipped = body.number("invalid_sample_skip_percentage").atLeast(0).atMost(MAX_SKIPPED).orElse(0);
        List<WandbIntegration> integrations = integrations(body, id);
        if ("classifier".equals(body.value("job_type").node().asString(""))) {
            body.value("job_type").fault("not_built", "job_type classifier is not built yet. Use completion.");
        } else {
            body.choice("job_type", Map.of("completion", true)).orNull();
        }
        body.notBuiltUnlessEmpty("repositories", "Upload the code as a file instead.");
        body.notBuiltUnlessEmpty("classifier_targets", "Leave it out: only completion jobs are built.");
        Optional<TrainingSettings> settings = trainingReader.read(body, null, header, start, new TrainingResolver.Given(
                Method.SUPERVISED, hyperparameters, !body.value("validation_files").node().isEmpty()));
        body.finish();
        return new JobRequest(JobRequest.MISTRAL, start.orElseThrow().name(), start.orElseThrow().base().name(),
                Method.SUPERVISED,
                training, validation, hyperparameters,
                suffix.isEmpty() ? null : suffix, autoStart, skipped, integrations, seed,
                start.orElseThrow().fineTuned(), null, settings.orElseThrow(), RULES);
    }

    private List<JobFile> trainingFiles(Fields body, Principal caller) {
        List<JobFile> found = new ArrayList<>();
        Set<UUID> seen = new HashSet<>();
        List<FieldValue> entries = body.list("training_files");
        for (FieldValue entry : entries) {
            double weight = 1;
            FieldValue id = entry;
            if (!entry.isText()) {
                Fields file = entry.object();
                id = file.value("file_id");
                id.requireGiven();
                weight = file.number("weight").moreThan(0).orElse(1);
            }
            JobFile file = references.file(id, caller, weight);
            if (file != null && !seen.add(file.id())) {
                id.fault("repeated_file", "File " + file.id() + " is listed twice. List it once, with a weight.");
            } else if (file != null) {
                found.add(file);
            }
        }
        if (entries.isEmpty() && body.value("training_files").node().isEmpty()) {
            body.value("training_files").fault("missing_field",
                    "At least one training file is required in training_files.");
        }
        return found;
    }

    private List<JobFile> validationFiles(Fields body, Principal caller, List<JobFile> training) {
        List<JobFile> found = new ArrayList<>();
        for (FieldValue entry : body.list("validation_files")) {
            JobFile file = references.file(entry, caller, 1);
            if (file == null) {
                continue;
            }
            if (training.stream().anyMatch(other -> other.id().equals(file.id()))) {
                entry.fault("repeated_file", "File " + file.id()
                        + " is a training file too. Validation needs samples that are not trained on.");
            } else if (found.stream().anyMatch(other -> other.id().equals(file.id()))) {
                entry.fault("repeated_file", "File " + file.id() + " is listed twice.");
            } else {
                found.add(file);
            }
        }
        return found;
    }

    private static Hyperparameters hyperparameters(Fields given, Optional<BaseModel> base) {
        Long steps = given.integer("training_steps").atLeast(1).atMost(Integer.MAX_VALUE).orNull();
        Double epochs = given.number("epochs").moreThan(0).orNull();
        double learningRate = given.number("learning_rate").atLeast(0).orElse(Hyperparameters.LEARNING_RATE);
        double weightDecay = given.number("weight_decay").atLeast(0).orElse(Hyperparameters.WEIGHT_DECAY);
        double warmup = given.number("warmup_fraction").atLeast(0).atMost(1).orElse(Hyperparameters.WARMUP_FRACTION);
        Long seqLen = given.integer("seq_len").atLeast(MIN_SEQ_LEN).atMost(Integer.MAX_VALUE).orNull();
        base.filter(model -> seqLen != null && seqLen > model.contextTokens())
                .ifPresent(model -> given.value("seq_len").fault("out_of_range", "seq_len must be at most "
                        + model.contextTokens() + ", the context of " + model.name() + ", not " + seqLen + "."));
        given.notBuiltUnless("fim_ratio", 0, "Leave it out: samples are never turned into fill-in-the-middle form.");
        return new Hyperparameters(steps == null ? null : Integer.valueOf(steps.intValue()), epochs, learningRate,
                weightDecay, warmup, seqLen == null ? null : Integer.valueOf(seqLen.intValue()), null);
    }

    private List<WandbIntegration> integrations(Fields body, UUID job) {
        List<WandbIntegration> found = new ArrayList<>();
        for (FieldValue entry : body.list("integrations")) {
            Fields wandb = entry.object();
            wandb.choice("type", Map.of("wandb", true)).required(true);
            String key = wandb.text("api_key").notEmpty().orNull();
            found.add(new WandbIntegration(wandb.text("project").notEmpty().orNull(), wandb.text("name").orNull(),
                    wandb.text("run_name").orNull(), null, List.of(),
                    key == null
                            ? null
                            : Base64.getEncoder().encodeToString(secrets.seal(key, "job " + job + " wandb"))));
            if (found.size() == 2) {
                entry.fault("too_many", "Only one wandb integration is allowed.");
            }
        }
        return found;
    }
}
