package dev.luthier.server.contract;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.luthier.core.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.representer.Representer;
import org.yaml.snakeyaml.resolver.Resolver;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A published description of an API. It is read when it is first asked, once. Thread-safe. */
public final class OfficialDocument {
    private static final int MAX_CHARACTERS = 16 << 20;
    private static final String SCHEMAS = "#/components/schemas/";
    private static final SchemaRegistry REGISTRY = SchemaRegistry
            .withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

    /** OpenAI's OpenAPI document of 2026-08-21; its paths begin after {@code /v1}. */
    public static final OfficialDocument OPENAI = new OfficialDocument("openai-openapi-2026-08-21.yaml.gz",
            "/openai/v1");
    /** Mistral's OpenAPI document of 2026-07-06, the last with fine-tuning jobs; its paths begin with {@code /v1}. */
    public static final OfficialDocument MISTRAL = new OfficialDocument("mistral-openapi-2026-07-06.yaml.gz",
            "/mistral");
    /** The published schemas of Mistral's fine-tuning API, errors included; without paths. */
    public static final OfficialDocument MISTRAL_FINE_TUNING = new OfficialDocument("mistral-fine-tuning.json", "");

    private final String resource;
    private final String prefix;
    private final Map<JsonNode, Schema> compiled = new ConcurrentHashMap<>();
    private volatile @Nullable JsonNode content;

    private OfficialDocument(String resource, String prefix) {
        this.resource = resource;
        this.prefix = prefix;
    }

    /** The part of our addresses that comes before the document's. */
    public String prefix() {
        return prefix;
    }

    private JsonNode content() {
        JsonNode known = content;
        if (known == null) {
            synchronized (this) {
                known = content == null ? read(resource) : content;
                content = known;
            }
        }
        return known;
    }

    private static JsonNode read(String resource) {
        try (InputStream bytes = Objects
                .requireNonNull(OfficialDocument.class.getResourceAsStream("/contract/" + resource), resource)) {
            if (!resource.endsWith(".gz")) {
                return Json.MAPPER.readTree(bytes);
            }
            LoaderOptions options = new LoaderOptions();
            options.setCodePointLimit(MAX_CHARACTERS);
            Yaml yaml = new Yaml(new SafeConstructor(options), new Representer(new DumperOptions()),
                    new DumperOptions(), options, new Numbers());
            JsonNode content = Json.MAPPER.valueToTree(yaml.load(new GZIPInputStream(bytes)));
            modernize(content);
            return content;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /* The documents say that they are of OpenAPI 3.1, but have keywords of 3.0 here and there. */
    private static void modernize(JsonNode node) {
        node.valueStream().forEach(OfficialDocument::modernize);
        if (!(node instanceof ObjectNode schema)) {
            return;
        }
        for (String[] bound : new String[][]{{"minimum", "exclusiveMinimum"}, {"maximum", "exclusiveMaximum"}}) {
            JsonNode exclusive = schema.path(bound[1]);
            if (exclusive.isBoolean()) {
                schema.remove(bound[1]);
                if (exclusive.booleanValue() && schema.has(bound[0])) {
                    schema.set(bound[1], schema.remove(bound[0]));
                }
            }
        }
        if (schema.path("nullable").isBoolean() && schema.remove("nullable").booleanValue()) {
            allowNull(schema);
        }
    }

    private static void allowNull(ObjectNode schema) {
        if (schema.path("type").isString()) {
            String type = schema.get("type").stringValue();
            schema.putArray("type").add(type).add("null");
        }
        if (schema.path("enum") instanceof ArrayNode values) {
            values.addNull();
        }
        if (schema.has("$ref")) {
            JsonNode reference = schema.remove("$ref");
            ArrayNode choices = schema.putArray("anyOf");
            choices.addObject().set("$ref", reference);
            choices.addObject().put("type", "null");
        }
    }

    /** Reads {@code 1e-08} as the number that it is since YAML 1.2. */
    private static final class Numbers extends Resolver {
        @Override
        protected void addImplicitResolvers() {
            super.addImplicitResolvers();
            addImplicitResolver(Tag.FLOAT, Pattern.compile("[-+]?\\d+[eE][-+]?\\d+"), "-+0123456789");
        }
    }

    /** The template of the path that has an operation of this method; the one with the most literal steps. */
    public Optional<String> template(String method, String path) {
        return content().path("paths").propertyStream()
                .filter(entry -> entry.getValue().has(method.toLowerCase(Locale.ROOT)))
                .map(Map.Entry::getKey).filter(template -> matches(template, path))
                .min((one, two) -> variables(one) - variables(two));
    }

    private static boolean matches(String template, String path) {
        String[] expected = template.split("/", -1);
        String[] steps = path.split("/", -1);
        boolean matches = expected.length == steps.length;
        for (int i = 0; matches && i < steps.length; i++) {
            matches = expected[i].startsWith("{") ? !steps[i].isEmpty() : expected[i].equals(steps[i]);
        }
        return matches;
    }

    private static int variables(String template) {
        return (int) template.chars().filter(character -> character == '{').count();
    }

    /** The schema of a response; empty when the document has none for this status and type. */
    public Optional<JsonNode> response(String method, String template, int status, String mediaType) {
        JsonNode found = content().path("paths").path(template).path(method.toLowerCase(Locale.ROOT))
                .path("responses").path(Integer.toString(status)).path("content").path(mediaType).path("schema");
        return found.isObject() ? Optional.of(found) : Optional.empty();
    }

    /** A schema by its name. */
    public JsonNode schema(String name) {
        if (!content().at("/components/schemas").has(name)) {
            throw new IllegalArgumentException(resource + " has no schema " + name);
        }
        return Json.MAPPER.createObjectNode().put("$ref", SCHEMAS + name);
    }

    /** What in the JSON is not as the named schema says; formats such as uuid count. */
    public List<String> faults(String name, JsonNode json) {
        return faults(schema(name), json);
    }

    /** What in the JSON is not as a schema of this document says. */
    public List<String> faults(JsonNode schema, JsonNode json) {
        return compiled.computeIfAbsent(schema, this::compile)
                .validate(json, context -> context.executionConfig(config -> config.formatAssertionsEnabled(true)))
                .stream().map(Object::toString).toList();
    }

    /* With the schemas that it refers to, and without the rest of the document. */
    private Schema compile(JsonNode schema) {
        ObjectNode root = (ObjectNode) schema.deepCopy();
        ObjectNode needed = root.putObject("components").putObject("schemas");
        Set<String> known = new HashSet<>();
        Deque<JsonNode> open = new ArrayDeque<>(List.of(schema));
        while (!open.isEmpty()) {
            for (String name : references(open.pop())) {
                if (known.add(name)) {
                    JsonNode found = content().path("components").path("schemas").path(name);
                    needed.set(name, found);
                    open.push(found);
                }
            }
        }
        return REGISTRY.getSchema(root);
    }

    private static List<String> references(JsonNode node) {
        List<String> names = new ArrayList<>();
        if (node.path("$ref").isString() && node.get("$ref").stringValue().startsWith(SCHEMAS)) {
            names.add(node.get("$ref").stringValue().substring(SCHEMAS.length()));
        }
        node.valueStream().forEach(child -> names.addAll(references(child)));
        return names;
    }

    @Override
    public String toString() {
        return resource;
    }
}
