package dev.luthier.server.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.luthier.core.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The published schemas of Mistral's fine-tuning API. One exception is allowed: {@code fine_tuned_model} is null until
 * the job succeeded, where the schemas have only a string.
 */
public final class SeedSchemas {
    private static final SchemaRegistry REGISTRY = SchemaRegistry
            .withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
    private static final Schema JOB_ALONE = REGISTRY.getSchema(resource("mistral-fine-tuning-job.json"));

    private SeedSchemas() {}

    /** Holds a job to both documents that describe one. */
    public static void assertJob(JsonNode job) {
        ObjectNode checked = (ObjectNode) job.deepCopy();
        if (checked.path("fine_tuned_model").isNull()) {
            checked.remove("fine_tuned_model");
        }
        assertThat(JOB_ALONE.validate(checked)).isEmpty();
        assertThat(schema("FineTuningJob").validate(checked)).isEmpty();
    }

    public static void assertJobList(JsonNode list) {
        list.path("data").forEach(SeedSchemas::assertJob);
        ObjectNode checked = (ObjectNode) list.deepCopy();
        checked.putArray("data");
        assertThat(schema("FineTuningJobList").validate(checked)).isEmpty();
    }

    public static void assertError(JsonNode error) {
        assertThat(schema("Error").validate(error)).isEmpty();
        assertThat(error.path("code").isInt()).isTrue();
    }

    private static Schema schema(String name) {
        ObjectNode document = (ObjectNode) resource("mistral-fine-tuning.json");
        document.put("$ref", "#/components/schemas/" + name);
        return REGISTRY.getSchema(document);
    }

    private static JsonNode resource(String name) {
        try (InputStream bytes = Objects
                .requireNonNull(SeedSchemas.class.getResourceAsStream("/contract/" + name), name)) {
            return Json.parse(new String(bytes.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
