package dev.luthier.server.model;

/** Is told when a fine-tuned model was removed, for example to unload its adapter. */
@FunctionalInterface
public interface RemovalListener {

    /** Called after the model's row and adapter are gone, on the thread of the request. */
    void removed(FineTunedModel model);
}
