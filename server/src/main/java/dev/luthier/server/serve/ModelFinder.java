package dev.luthier.server.serve;

import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.server.key.Principal;
import dev.luthier.server.model.BaseModel;
import dev.luthier.server.model.FineTunedModel;
import dev.luthier.server.model.Model;
import dev.luthier.server.model.ModelRegistry;
import org.jspecify.annotations.Nullable;

/** Finds what answers under a name: a base model, with an adapter or without. */
final class ModelFinder {
    private final ModelRegistry registry;
    private final ServedModels models;

    ModelFinder(ModelRegistry registry, ServedModels models) {
        this.registry = registry;
        this.models = models;
    }

    /**
     * A model that writes text.
     *
     * @throws ProblemException USER {@code invalid_model} for one that is unknown, archived or has lost its base model;
     *     {@code unsuitable_model} for a classifier
     */
    Target find(Principal caller, String name) {
        Model named = named(caller, name);
        if (named instanceof FineTunedModel tuned && tuned.classifier() != null) {
            throw unsuitable("Model " + name + " is a classifier and writes no text. Use it with"
                    + " POST /v1/classifications or /v1/chat/classifications.");
        }
        return target(name, named);
    }

    /** @throws ProblemException USER {@code invalid_model} as above; {@code unsuitable_model} for any but a classifier */
    Classifier classifier(Principal caller, String name) {
        Model named = named(caller, name);
        if (named instanceof FineTunedModel tuned && tuned.classifier() != null) {
            return new Classifier(target(name, named), tuned.classifier());
        }
        throw unsuitable("Model " + name + " is not a classifier.");
    }

    private Model named(Principal caller, String name) {
        return registry.find(caller, name).orElseThrow(() -> invalidModel("Invalid model: " + name
                + ". GET /v1/models lists the models that there are."));
    }

    private Target target(String name, Model named) {
        BaseModel base = switch (named) {
            case BaseModel model -> model;
            case FineTunedModel model -> registry.base(model.baseName())
                    .orElseThrow(() -> invalidModel("Invalid model: " + name + ". Its base model "
                            + model.baseName() + " is no longer there."));
        };
        @Nullable
        AdapterReference adapter = switch (named) {
            case BaseModel _ -> null;
            case FineTunedModel model -> adapter(model);
        };
        return new Target(base, models.get(base), adapter);
    }

    private static AdapterReference adapter(FineTunedModel model) {
        if (model.archived()) {
            throw invalidModel("Invalid model: " + model.id() + " is archived. Unarchive it to use it.");
        }
        return new AdapterReference(model.uuid().toString(), model.adapter(), model.id(), model.adapterSha256());
    }

    private static ProblemException unsuitable(String message) {
        return Problem.user("unsuitable_model", message, "model").asException();
    }

    private static ProblemException invalidModel(String message) {
        return Problem.user("invalid_model", message, "model").asException();
    }
}
