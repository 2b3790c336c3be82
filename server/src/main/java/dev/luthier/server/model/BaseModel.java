package dev.luthier.server.model;

import java.nio.file.Path;
import java.util.List;

/**
 * A base model: a readable directory in Hugging Face layout, served as it is and under adapters.
 *
 * @param name its directory's name
 * @param directory holds {@code config.json}, weights and tokenizer
 * @param aliases further names that the configuration gives it
 * @param contextTokens longest sequence that it was made for
 * @param layers number of decoder layers
 * @param parameters number of weights
 * @param hasChatTemplate whether it can render a conversation
 * @param rendersTools whether its chat template renders tools
 * @param createdAtMillis modification time of its {@code config.json}
 */
public record BaseModel(String name, Path directory, List<String> aliases, int contextTokens, int layers,
        long parameters, boolean hasChatTemplate, boolean rendersTools, long createdAtMillis) implements Model {
    public BaseModel {
        aliases = List.copyOf(aliases);
    }

    @Override
    public String id() {
        return name;
    }
}
