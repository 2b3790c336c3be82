package dev.luthier.core.safetensors;

import dev.luthier.core.json.Json;
import dev.luthier.core.json.JsonFault;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * The checked JSON header of a safetensors file. As the format demands, the tensors fill the data part without gap or
 * overlap up to the last byte of the file, and no key occurs twice (of which the reference reader takes the last one).
 *
 * @param metadata the strings of {@code __metadata__}
 * @param tensors in the order of their bytes
 * @param dataStart offset of the first data byte in the file
 */
record SafetensorsHeader(Map<String, String> metadata, List<Place> tensors, long dataStart) {

    /** Longest header that the format's reference reader accepts. */
    static final long MAX_HEADER_BYTES = 100_000_000;
    static final String METADATA = "__metadata__";

    /** Where a tensor lies; begin and end count from the start of the data part. */
    record Place(String name, TensorType type, List<Long> shape, long begin, long end) {}

    static SafetensorsHeader parse(Path file, byte[] json, long fileSizeBytes) {
        JsonNode root = readTree(file, json);
        Map<String, String> metadata = new LinkedHashMap<>();
        List<Place> places = new ArrayList<>();
        for (Map.Entry<String, JsonNode> property : root.properties()) {
            if (property.getKey().equals(METADATA)) {
                readMetadata(file, property.getValue(), metadata);
            } else {
                places.add(place(file, property.getKey(), property.getValue()));
            }
        }
        places.sort(Comparator.comparingLong(Place::begin).thenComparingLong(Place::end));
        SafetensorsHeader header = new SafetensorsHeader(metadata, List.copyOf(places), 8L + json.length);
        header.checkCoverage(file, fileSizeBytes);
        return header;
    }

    private static JsonNode readTree(Path file, byte[] json) {
        try {
            // From text, since a parser of bytes would pass over a byte order mark.
            JsonNode root = Json.MAPPER
                    .readTree(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(json)).toString());
            if (root.isObject()) {
                return root;
            }
        } catch (CharacterCodingException e) {
            throw fault(file, "its header is not text in UTF-8");
        } catch (JacksonException e) {
            throw fault(file, "its header is not valid JSON: " + JsonFault.reason(e));
        }
        throw fault(file, "its header is not a JSON object");
    }

    private static void readMetadata(Path file, JsonNode node, Map<String, String> metadata) {
        if (!node.isObject() && !node.isNull()) {
            throw fault(file, METADATA + " is not an object of strings");
        }
        for (Map.Entry<String, JsonNode> property : node.properties()) {
            if (!property.getValue().isString()) {
                throw fault(file, "the metadata value of '" + property.getKey() + "' is not a string");
            }
            metadata.put(property.getKey(), property.getValue().stringValue());
        }
    }

    private static Place place(Path file, String name, JsonNode node) {
        String typeName = node.path("dtype").asString("");
        TensorType type = TensorType.named(typeName).orElseThrow(() -> fault(file, "tensor '" + name + "' has type '"
                + typeName + "'; supported are " + Arrays.toString(TensorType.values())));
        List<Long> shape = wholeNumbers(node.path("shape"));
        List<Long> offsets = wholeNumbers(node.path("data_offsets"));
        if (shape == null || offsets == null || offsets.size() != 2 || offsets.get(0) > offsets.get(1)) {
            throw fault(file, "tensor '" + name + "' has no valid shape and data_offsets");
        }
        long expected = type.sizeBytes();
        try {
            for (long dimension : shape) {
                expected = Math.multiplyExact(expected, dimension);
            }
        } catch (ArithmeticException e) {
            throw fault(file, "tensor '" + name + "' of shape " + shape + " is larger than any file");
        }
        long actual = offsets.get(1) - offsets.get(0);
        if (expected != actual) {
            throw fault(file, "tensor '" + name + "' of type " + type + " and shape " + shape + " needs " + expected
                    + " bytes, but its data_offsets span " + actual);
        }
        return new Place(name, type, shape, offsets.get(0), offsets.get(1));
    }

    /** The elements of a JSON array of integers that are at least 0, or null if it is anything else. */
    private static @Nullable List<Long> wholeNumbers(JsonNode array) {
        if (!array.isArray()) {
            return null;
        }
        List<Long> values = new ArrayList<>();
        for (JsonNode element : array) {
            if (!element.isIntegralNumber() || !element.canConvertToLong() || element.longValue() < 0) {
                return null;
            }
            values.add(element.longValue());
        }
        return values;
    }

    private void checkCoverage(Path file, long fileSizeBytes) {
        long end = 0;
        for (Place place : tensors) {
            if (place.begin() != end) {
                throw fault(file, "tensor '" + place.name() + "' starts at data byte " + place.begin() + ", "
                        + (place.begin() < end ? "inside" : "after a gap behind") + " the tensor that ends at " + end);
            }
            end = place.end();
            if (dataStart + end > fileSizeBytes) {
                throw fault(file, "it is truncated: tensor '" + place.name() + "' ends at byte " + (dataStart + end)
                        + " and the whole file should have " + expectedFileSize() + " bytes, but it has "
                        + fileSizeBytes + ". Copy or download it again");
            }
        }
        if (dataStart + end != fileSizeBytes) {
            throw fault(file, "it has " + fileSizeBytes + " bytes, but its tensors end at byte " + (dataStart + end));
        }
    }

    private long expectedFileSize() {
        return dataStart + tensors.getLast().end();
    }

    static ProblemException fault(Path file, String what) {
        return Problem.user("invalid_safetensors", file + " is not a valid safetensors file: " + what + ".")
                .asException();
    }
}
