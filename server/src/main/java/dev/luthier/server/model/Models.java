package dev.luthier.server.model;

import java.util.List;
import java.util.Optional;

/** The registry over the base models on disk and the fine-tuned models in the database. */
public final class Models implements ModelRegistry {
    private final BaseModels bases;
    private final FineTunedModels fineTuned;

    public Models(BaseModels bases, FineTunedModels fineTuned) {
        this.bases = bases;
        this.fineTuned = fineTuned;
    }

    @Override
    public Optional<Model> find(String organization, String name) {
        Optional<BaseModel> base = bases.find(name);
        return base.isPresent()
                ? Optional.of(base.get())
                : fineTuned.find(organization, name).map(model -> (Model) model);
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
    public List<FineTunedModel> fineTuned(String organization) {
        return fineTuned.list(organization);
    }
}
