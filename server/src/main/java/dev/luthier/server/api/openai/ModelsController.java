package dev.luthier.server.api.openai;

import dev.luthier.server.api.Query;
import dev.luthier.server.api.RequiresScope;
import dev.luthier.server.api.openai.ModelJson.DeletedJson;
import dev.luthier.server.api.openai.ModelJson.ListJson;
import dev.luthier.server.key.Principal;
import dev.luthier.server.key.Scope;
import dev.luthier.server.model.BaseModel;
import dev.luthier.server.model.FineTunedModel;
import dev.luthier.server.model.Model;
import dev.luthier.server.model.ModelRegistry;
import dev.luthier.server.model.ModelService;
import java.util.stream.Stream;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * The models that a caller can use, each under every name that is not another form of the same: base models and their
 * aliases, then fine-tuned models and the checkpoints of jobs, newest first. Archived models are found, not listed.
 */
@RestController
@RequestMapping("/openai/v1/models")
final class ModelsController {
    private final ModelRegistry registry;
    private final ModelService models;

    ModelsController(ModelRegistry registry, ModelService models) {
        this.registry = registry;
        this.models = models;
    }

    @GetMapping
    @RequiresScope(Scope.MODELS)
    ListJson list(Principal caller, Query query) {
        query.finish();
        return new ListJson("list",
                Stream.concat(registry.bases().stream().flatMap(ModelJson::all),
                        registry.fineTuned(caller).stream().filter(model -> !model.archived()).map(ModelJson::of))
                        .toList());
    }

    /** A model by any of its names; a base model answers under the one that was asked for. */
    @GetMapping("/{model}")
    @RequiresScope(Scope.MODELS)
    ModelJson get(Principal caller, Query query, @PathVariable("model") String name) {
        query.finish();
        return switch (find(caller, name)) {
            case BaseModel base -> ModelJson.of(base, name);
            case FineTunedModel tuned -> ModelJson.of(tuned);
        };
    }

    /** Removes a fine-tuned model or a checkpoint; a model's checkpoints stay, each until it is deleted by its name. */
    @DeleteMapping("/{model}")
    @RequiresScope(Scope.WRITE)
    DeletedJson delete(Principal caller, Query query, @PathVariable("model") String name) {
        query.finish();
        find(caller, name);
        models.delete(models.owned(caller, name));
        return new DeletedJson(name, "model", true);
    }

    private Model find(Principal caller, String name) {
        return registry.find(caller, name).orElseThrow(() -> MissingModel.failure(name));
    }
}
