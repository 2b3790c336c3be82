package dev.luthier.server.model;

/** Is told when a model was removed, for example to unload its adapter or to end its worker. */
@FunctionalInterface
public interface RemovalListener {

    /** Called after the model is gone from disk and database, on the thread of the request. */
    void removed(Model model);
}
