package dev.luthier.server.api.mistral;

import dev.luthier.server.api.FieldValue;
import dev.luthier.server.api.Fields;
import dev.luthier.server.api.Query;
import dev.luthier.server.api.RequiresScope;
import dev.luthier.server.api.mistral.ModelJson.ArchivedJson;
import dev.luthier.server.api.mistral.ModelJson.TunedJson;
import dev.luthier.server.key.Principal;
import dev.luthier.server.key.Scope;
import dev.luthier.server.model.FineTunedModel;
import dev.luthier.server.model.ModelRegistry;
import dev.luthier.server.model.ModelService;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Names, describes, archives and unarchives fine-tuned models. */
@RestController
@RequestMapping("/mistral/v1/fine_tuning/models/{id}")
public final class FineTunedModelsController {
    private static final int MAX_NAME = 200;
    private static final int MAX_DESCRIPTION = 10_000;

    private final ModelRegistry registry;
    private final ModelService models;

    FineTunedModelsController(ModelRegistry registry, ModelService models) {
        this.registry = registry;
        this.models = models;
    }

    /** Changes what the body names; null clears it, and what is absent stays. */
    @PatchMapping
    @RequiresScope(Scope.WRITE)
    TunedJson describe(Principal caller, Query query, @PathVariable("id") String id, Fields body) {
        query.finish();
        FineTunedModel model = models.owned(caller, id);
        String name = changed(body.value("name"), model.name(), MAX_NAME);
        String description = changed(body.value("description"), model.description(), MAX_DESCRIPTION);
        body.finish();
        return ModelJson.tuned(models.describe(caller, model, name, description), registry);
    }

    private static @Nullable String changed(FieldValue field, @Nullable String now, int maxLength) {
        return field.node().isMissingNode() ? now : field.text().maxLength(maxLength).orNull();
    }

    @PostMapping("/archive")
    @RequiresScope(Scope.WRITE)
    ArchivedJson archive(Principal caller, Query query, @PathVariable("id") String id) {
        query.finish();
        return new ArchivedJson(models.archive(caller, id, true).mistralName(), "model", true);
    }

    @DeleteMapping("/archive")
    @RequiresScope(Scope.WRITE)
    ArchivedJson unarchive(Principal caller, Query query, @PathVariable("id") String id) {
        query.finish();
        return new ArchivedJson(models.archive(caller, id, false).mistralName(), "model", false);
    }
}
