package dev.luthier.server.api;

import dev.luthier.core.adapter.AdapterDirectory;
import dev.luthier.core.model.ModelDirectory;
import dev.luthier.core.run.RunSpec;
import dev.luthier.server.file.FileService;
import dev.luthier.server.job.JobFile;
import dev.luthier.server.key.Principal;
import dev.luthier.server.model.AdapterFiles;
import dev.luthier.server.model.BaseModel;
import dev.luthier.server.model.FineTunedModel;
import dev.luthier.server.model.Model;
import dev.luthier.server.model.ModelRegistry;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Looks up the models and files that a request for a job names, in either dialect. What is not there is a fault. */
public final class JobReferences {
    private final ModelRegistry models;
    private final FileService files;

    public JobReferences(ModelRegistry models, FileService files) {
        this.models = models;
        this.files = files;
    }

    /**
     * Where training starts.
     *
     * @param name the model as the caller named it
     * @param fineTuned key of the fine-tuned model whose adapter is trained further; null for a new adapter
     * @param shape of that adapter; null for a new one
     */
    public record Start(String name, BaseModel base, @Nullable UUID fineTuned, RunSpec.@Nullable Lora shape) {}

    /** The model of a field that is required; empty after a fault, which is noted. */
    public Optional<Start> start(Fields body, Principal caller, String field) {
        String name = body.text(field).notEmpty().required();
        String shown = "model \"" + FieldValue.shown(name) + "\"";
        if (name.isEmpty()) {
            return Optional.empty();
        }
        Optional<Model> found = models.find(caller, name);
        if (found.isEmpty()) {
            body.value(field).fault("unknown_model", models.fault(name)
                    .map(fault -> shown + " cannot be used: " + fault)
                    .orElseGet(() -> shown + " is not there. Available: " + available()
                            + ". Add others under models/ of the data directory, or name an alias in"
                            + " models.aliases."));
            return Optional.empty();
        }
        return switch (found.get()) {
            case BaseModel base -> Optional.of(new Start(name, base, null, null));
            case FineTunedModel tuned -> start(body.value(field), name, tuned);
        };
    }

    private Optional<Start> start(FieldValue field, String name, FineTunedModel tuned) {
        if (tuned.archived()) {
            field.fault("model_archived",
                    "model \"" + name + "\" is archived. Unarchive it before training it further.");
            return Optional.empty();
        }
        if (tuned.classifier() != null) {
            field.fault("not_built", "model \"" + name + "\" is a classifier, and training one further is not built"
                    + " yet. Start from " + tuned.root() + " or from a fine-tuned model that writes text.");
            return Optional.empty();
        }
        Optional<BaseModel> base = models.base(tuned.baseName());
        if (base.isEmpty()) {
            field.fault("unknown_model", "model \"" + name + "\" needs its base model "
                    + tuned.baseName() + ", which is no longer there. Put it back under models/.");
        }
        AdapterFiles.requireSound(name, tuned.adapter(), tuned.adapterSha256());
        return base
                .map(model -> new Start(name, model, tuned.uuid(), AdapterDirectory.envelope(tuned.adapter(),
                        ModelDirectory.open(model.directory()).config())));
    }

    private String available() {
        String names = models.bases().stream().flatMap(base -> Stream.concat(Stream.of(base.name()),
                base.aliases().stream().map(alias -> alias + " (" + base.name() + ")")))
                .collect(Collectors.joining(", "));
        return names.isEmpty() ? "none" : names;
    }

    /** The file of an id in either form; null when none is given, or after a fault, which is noted. */
    public @Nullable JobFile file(FieldValue value, Principal caller, double weight) {
        return DataFiles.find(files, value, caller).map(file -> new JobFile(file.id(), weight, file.sha256()))
                .orElse(null);
    }
}
