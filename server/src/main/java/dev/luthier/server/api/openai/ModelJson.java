package dev.luthier.server.api.openai;

import dev.luthier.server.model.BaseModel;
import dev.luthier.server.model.FineTunedModel;
import java.util.List;
import java.util.stream.Stream;

/**
 * A model as OpenAI's clients see it.
 *
 * @param id a name that requests can use; of a fine-tuned model the one in OpenAI's form
 * @param created Unix seconds
 * @param ownedBy {@code luthier} for base models, else the organization
 */
record ModelJson(String id, String object, long created, String ownedBy) {

    record ListJson(String object, List<ModelJson> data) {}

    record DeletedJson(String id, String object, boolean deleted) {}

    /** A base model under its own name or an alias. */
    static ModelJson of(BaseModel model, String name) {
        return new ModelJson(name, "model", model.createdAtMillis() / 1000, "luthier");
    }

    static ModelJson of(FineTunedModel model) {
        return new ModelJson(model.openaiName(), "model", model.createdAtMillis() / 1000, model.organization());
    }

    /** A base model under each of its names. */
    static Stream<ModelJson> all(BaseModel model) {
        return Stream.concat(Stream.of(model.name()), model.aliases().stream()).map(name -> of(model, name));
    }
}
