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

    /** @throws ProblemException USER {@code invalid_model} for one that is unknown, archived or has lost its base model */
    Target find(Principal caller, String name) {
        Model named = registry.find(caller, name)
                .orElseThrow(() -> invalidModel("Invalid model: " + name
                        + ". GET /v1/models lists the models that there are."));
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

    private static ProblemException invalidModel(String message) {
        return Problem.user("invalid_model", message, "model").asException();
    }
}
