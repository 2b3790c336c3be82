package dev.luthier.server.model;

/** A model that a request can name. */
public sealed interface Model permits BaseModel, FineTunedModel {

    /** The name under which the Mistral dialect lists it; requests may use any of its other names too. */
    String id();

    long createdAtMillis();
}
