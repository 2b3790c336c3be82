package dev.luthier.core.json;

import java.nio.file.Path;

import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;

/** The JSON mapper of the whole program: strict about duplicates and trailing tokens, and thread-safe. */
public final class Json {
    /** Records map by their component names; unknown properties and duplicate keys are faults. */
    public static final JsonMapper MAPPER = JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).addModule(plainPaths()).build();

    private Json() {}

    /** Paths are plain strings, as people write them, not URIs. */
    private static SimpleModule plainPaths() {
        return new SimpleModule("paths").addSerializer(Path.class, new ValueSerializer<Path>() {
            @Override
            public void serialize(Path path, JsonGenerator generator, SerializationContext context) {
                generator.writeString(path.toString());
            }
        }).addDeserializer(Path.class, new ValueDeserializer<Path>() {
            @Override
            public Path deserialize(JsonParser parser, DeserializationContext context) {
                return Path.of(parser.getString());
            }
        });
    }

    public static JsonNode parse(String text) {
        return MAPPER.readTree(text);
    }

    /** Compact, keys in declaration order. */
    public static String write(Object value) {
        return MAPPER.writeValueAsString(value);
    }

    public static String writePretty(Object value) {
        return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(value);
    }
}
