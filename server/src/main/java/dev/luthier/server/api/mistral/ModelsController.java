package dev.luthier.server.api.mistral;

import dev.luthier.server.api.Query;
import dev.luthier.server.api.RequiresScope;
import dev.luthier.server.api.mistral.ModelJson.CardJson;
import dev.luthier.server.api.mistral.ModelJson.CardListJson;
import dev.luthier.server.api.mistral.ModelJson.DeletedJson;
import dev.luthier.server.key.Principal;
import dev.luthier.server.key.Scope;
import dev.luthier.server.model.FineTunedModel;
import dev.luthier.server.model.ModelRegistry;
import dev.luthier.server.model.ModelService;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * The models that a caller can name: base models first, then its own fine-tuned ones, newest first. The adapters of
 * single epochs, which this dialect does not know, are in the list only when it is asked for one of them.
 */
@RestController
@RequestMapping("/mistral/v1/models")
public final class ModelsController {
    private final ModelRegistry registry;
    private final ModelService models;

    ModelsController(ModelRegistry registry, ModelService models) {
        this.registry = registry;
        this.models = models;
    }

    @GetMapping
    @RequiresScope(Scope.MODELS)
    CardListJson list(Principal caller, Query query) {
        String provider = query.text("provider");
        String name = query.text("model");
        query.finish();
        List<CardJson> cards = Stream
                .concat(registry.bases().stream(), registry.fineTuned(caller).stream()
                        .filter(model -> model.step() == null || name != null))
                .map(model -> ModelJson.card(model, registry))
                .filter(card -> provider == null || provider.equals(card.ownedBy()))
                .filter(card -> name == null || name.equals(card.id()) || card.aliases().contains(name)).toList();
        return new CardListJson("list", cards);
    }

    /** The card of a model by any of its names. */
    @GetMapping("/{id}")
    @RequiresScope(Scope.MODELS)
    CardJson get(Principal caller, Query query, @PathVariable("id") String id) {
        query.finish();
        return ModelJson.card(models.get(caller, id), registry);
    }

    @DeleteMapping("/{id}")
    @RequiresScope(Scope.WRITE)
    DeletedJson delete(Principal caller, Query query, @PathVariable("id") String id) {
        query.finish();
        FineTunedModel model = models.owned(caller, id);
        models.delete(model);
        return new DeletedJson(id, "model", true);
    }
}
