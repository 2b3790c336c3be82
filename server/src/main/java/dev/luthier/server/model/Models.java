package dev.luthier.server.model;

import dev.luthier.server.key.Principal;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** The registry over the base models on disk and the fine-tuned models in the database. */
public final class Models implements ModelRegistry {
    private final BaseModels bases;
    private final FineTunedModels fineTuned;
    private final ModelPermissions permissions;
    private final boolean perProject;

    /**
     * @param perProject whether a fine-tuned model is for its own project and those with a permission only, where files
     *     and jobs are not
     */
    public Models(BaseModels bases, FineTunedModels fineTuned, ModelPermissions permissions, boolean perProject) {
        this.bases = bases;
        this.fineTuned = fineTuned;
        this.permissions = permissions;
        this.perProject = perProject;
    }

    @Override
    public Optional<Model> find(Principal caller, String name) {
        Optional<BaseModel> base = bases.find(name);
        return base.isPresent()
                ? Optional.of(base.get())
                : fineTuned.find(caller.organization(), name)
                        .filter(tuned -> owns(caller, tuned) || permissions.allows(tuned.uuid(), caller.project()))
                        .map(tuned -> (Model) tuned);
    }

    @Override
    public boolean owns(Principal caller, FineTunedModel model) {
        boolean ownProject = model.project().equals(caller.project()) || caller.role().seesAllProjects();
        return caller.sees().owns(model.organization(), model.project()) && (ownProject || !perProject);
    }

    @Override
    public Optional<BaseModel> base(String name) {
        return bases.find(name);
    }

    @Override
    public Optional<String> fault(String name) {
        return bases.fault(name);
    }

    @Override
    public List<BaseModel> bases() {
        return bases.all();
    }

    @Override
    public List<FineTunedModel> fineTuned(Principal caller) {
        Set<UUID> permitted = permissions.of(caller.project());
        return fineTuned.list(caller.organization()).stream()
                .filter(model -> owns(caller, model) || permitted.contains(model.uuid())).toList();
    }
}
