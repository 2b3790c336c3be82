package dev.luthier.server.api.openai;

import dev.luthier.server.api.FieldValue;
import dev.luthier.server.api.Fields;
import dev.luthier.server.api.JobReferences;
import dev.luthier.server.api.TrainingHeader;
import dev.luthier.server.api.TrainingReader;
import dev.luthier.server.job.JobFile;
import dev.luthier.server.job.JobRequest;
import dev.luthier.server.job.JobRules;
import dev.luthier.server.job.TrainingResolver;
import dev.luthier.server.job.TrainingSettings;
import dev.luthier.server.job.WandbIntegration;
import dev.luthier.server.key.Principal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntSupplier;

/**
 * Reads the body that creates a job and reports every fault in it at once, those of models and files that are not there
 * included.
 */
final class JobRequestReader {
    private static final JobRules RULES = new JobRules(10, true);
    private static final int MAX_SUFFIX = 64;
    private static final int MAX_PAIRS = 16;
    private static final int MAX_KEY = 64;
    private static final int MAX_VALUE = 512;

    private final JobReferences references;
    private final TrainingReader training;
    private final IntSupplier seeds;

    /** @param seeds of requests that give none, 0 or more */
    JobRequestReader(JobReferences references, TrainingReader training, IntSupplier seeds) {
        this.references = references;
        this.training = training;
        this.seeds = seeds;
    }

    /** @throws dev.luthier.server.api.ApiFailure 400, with every fault */
    JobRequest read(Principal caller, TrainingHeader header, Fields body) {
        Optional<JobReferences.Start> start = references.start(body, caller, "model");
        body.value("training_file").requireGiven();
        JobFile file = references.file(body.value("training_file"), caller, 1);
        JobFile validation = references.file(body.value("validation_file"), caller, 1);
        if (file != null && validation != null && file.id().equals(validation.id())) {
            body.value("validation_file").fault("repeated_file", "File " + body.text("validation_file").orElse("")
                    + " is the training file too. Validation needs samples that are not trained on.");
        }
        MethodReader.Asked asked = MethodReader.read(body);
        String suffix = body.text("suffix").maxLength(MAX_SUFFIX).orElse("");
        Long seed = body.integer("seed").atLeast(0).atMost(Integer.MAX_VALUE).orNull();
        List<WandbIntegration> integrations = integrations(body);
        Fields notes = body.object("metadata");
        Map<String, String> metadata = body.has("metadata") ? metadata(body.value("metadata"), notes) : null;
        Optional<TrainingSettings> settings = training.read(body, notes, header, start, new TrainingResolver.Given(
                asked.method(), asked.hyperparameters(), body.has("validation_file")));
        body.finish();
        return new JobRequest(JobRequest.OPENAI, start.orElseThrow().name(), start.orElseThrow().base().name(),
                asked.method(),
                file == null ? List.of() : List.of(file), validation == null ? List.of() : List.of(validation),
                asked.hyperparameters(), suffix.isEmpty() ? null : suffix, true, 0, integrations,
                seed == null ? seeds.getAsInt() : seed.intValue(), start.orElseThrow().fineTuned(), metadata,
                settings.orElseThrow(), RULES);
    }

    private static List<WandbIntegration> integrations(Fields body) {
        List<WandbIntegration> found = new ArrayList<>();
        for (FieldValue entry : body.list("integrations")) {
            Fields integration = entry.object();
            integration.choice("type", Map.of("wandb", true)).required(true);
            integration.value("wandb").requireGiven();
            Fields wandb = integration.object("wandb");
            String project = integration.has("wandb") ? wandb.text("project").notEmpty().required() : null;
            found.add(new WandbIntegration(project, wandb.text("name").orNull(), null, wandb.text("entity").orNull(),
                    wandb.list("tags").stream().map(tag -> tag.text().required()).toList(), null));
            if (found.size() == 2) {
                entry.fault("too_many", "Only one wandb integration is allowed.");
            }
        }
        return found;
    }

    private static Map<String, String> metadata(FieldValue place, Fields given) {
        Map<String, String> pairs = new LinkedHashMap<>();
        for (String key : given.members().keySet()) {
            FieldValue value = given.value(key);
            if (key.codePointCount(0, key.length()) > MAX_KEY) {
                value.fault("invalid_value", "The metadata key \"" + FieldValue.shown(key) + "\" is longer than "
                        + MAX_KEY + " characters.");
            }
            pairs.put(key, value.text().maxLength(MAX_VALUE).required());
        }
        if (pairs.size() > MAX_PAIRS) {
            place.fault("too_many",
                    "metadata has " + pairs.size() + " pairs; at most " + MAX_PAIRS + " are possible.");
        }
        return pairs;
    }
}
