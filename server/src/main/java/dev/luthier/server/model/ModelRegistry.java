package dev.luthier.server.model;

import dev.luthier.server.key.Principal;
import java.util.List;
import java.util.Optional;

/** Looks up models by the names that requests use. Safe for use by several threads. */
public interface ModelRegistry {

    /**
     * The model of a name: a base model's own name, an alias, or either public name of a fine-tuned model that the
     * caller may use. Archived models are found.
     */
    Optional<Model> find(Principal caller, String name);

    /** Whether the caller may use, change and remove a model without a permission to use it. */
    boolean owns(Principal caller, FineTunedModel model);

    /** A base model by its own name or an alias. */
    Optional<BaseModel> base(String name);

    /** Why a base model's directory, by its name or an alias, is there and yet cannot be used. */
    Optional<String> fault(String name);

    /** All usable base models, by name. */
    List<BaseModel> bases();

    /**
     * The fine-tuned models that the caller may use, newest first, archived ones and the checkpoints of jobs included.
     */
    List<FineTunedModel> fineTuned(Principal caller);
}
