package dev.luthier.server;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.luthier.core.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The schemas of Mistral's OpenAPI document of 2026-07-06, to hold responses to. */
public final class MistralSchemas {
    private static final SchemaRegistry REGISTRY = SchemaRegistry
            .withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
    private static final ObjectNode DOCUMENT = read();

    private MistralSchemas() {}

    private static ObjectNode read() {
        try (InputStream input = Objects.requireNonNull(
                MistralSchemas.class.getResourceAsStream("/schemas/mistral-openapi-2026-07-06.json"))) {
            return (ObjectNode) Json.MAPPER.readTree(input);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What in the JSON is not as the named schema says; formats such as uuid count. */
    public static List<String> faults(String name, JsonNode json) {
        if (!DOCUMENT.path("$defs").has(name)) {
            throw new IllegalArgumentException("the document has no schema " + name);
        }
        ObjectNode root = DOCUMENT.deepCopy();
        root.put("$ref", "#/$defs/" + name);
        Schema schema = REGISTRY.getSchema(root);
        List<Error> errors = schema.validate(json,
                context -> context.executionConfig(config -> config.formatAssertionsEnabled(true)));
        return errors.stream().map(Error::toString).toList();
    }
}
