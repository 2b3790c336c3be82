package dev.luthier.core.adapter;

import dev.luthier.core.json.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads the fields of an {@code adapter_config.json} and collects every fault. A field that is null counts as absent. */
final class ConfigFields {
    private final JsonNode config;
    private final List<String> faults;

    ConfigFields(JsonNode config, List<String> faults) {
        this.config = config;
        this.faults = faults;
    }

    /** The value, or null if it is absent. */
    @Nullable
    JsonNode get(String name) {
        JsonNode value = config.get(name);
        return value == null || value.isNull() ? null : value;
    }

    void fault(String message) {
        faults.add(message);
    }

    private void fault(String name, String wanted, JsonNode found) {
        String text = Json.write(found);
        fault(name + " must be " + wanted + ", not " + (text.length() > 60 ? text.substring(0, 60) + "…" : text));
    }

    boolean flag(String name) {
        JsonNode value = get(name);
        if (value != null && !value.isBoolean()) {
            fault(name, "true or false", value);
        }
        return value != null && value.isBoolean() && value.booleanValue();
    }

    /** A rank; 1 with a fault. */
    int rank(String name, @Nullable JsonNode value) {
        if (value != null && value.isIntegralNumber() && value.canConvertToInt() && value.intValue() >= 1
                && value.intValue() <= 512) {
            return value.intValue();
        }
        fault(name, "a whole number from 1 to 512", value == null ? Json.MAPPER.nullNode() : value);
        return 1;
    }

    /** An alpha; 1 with a fault. */
    double alpha(String name, @Nullable JsonNode value) {
        if (value != null && value.isNumber() && value.doubleValue() > 0 && Double.isFinite(value.doubleValue())) {
            return value.doubleValue();
        }
        fault(name, "a number greater than 0", value == null ? Json.MAPPER.nullNode() : value);
        return 1;
    }

    /** The strings of a list, one string alone as a list of one; empty when it is absent, or with a fault. */
    List<String> strings(String name) {
        JsonNode value = get(name);
        List<String> texts = new ArrayList<>();
        if (value == null) {
            return texts;
        }
        for (JsonNode element : value.isArray() ? value : List.of(value)) {
            if (!element.isString()) {
                fault(name, "a string or a list of strings", value);
                return List.of();
            }
            texts.add(element.stringValue());
        }
        return texts;
    }

    /** The numbers of decoder layers, one alone as a list of one; empty when it is absent, or with a fault. */
    List<Integer> layers(String name) {
        JsonNode value = get(name);
        List<Integer> numbers = new ArrayList<>();
        if (value == null) {
            return numbers;
        }
        for (JsonNode element : value.isArray() ? value : List.of(value)) {
            if (!element.isIntegralNumber() || !element.canConvertToInt()) {
                fault(name, "a layer's number or a list of them", value);
                return List.of();
            }
            numbers.add(element.intValue());
        }
        return numbers;
    }

    /** The entries of an object; none when it is absent, or with a fault. */
    SequencedMap<String, JsonNode> object(String name) {
        JsonNode value = get(name);
        SequencedMap<String, JsonNode> entries = new LinkedHashMap<>();
        if (value != null && !value.isObject()) {
            fault(name, "an object", value);
        } else if (value != null) {
            value.properties().forEach(entry -> entries.put(entry.getKey(), entry.getValue()));
        }
        return entries;
    }

    /** A regular expression; null with a fault. */
    @Nullable
    BoundedPattern pattern(String name, String expression) {
        try {
            return BoundedPattern.of(expression);
        } catch (PatternSyntaxException e) {
            fault(name + " holds \"" + expression + "\", which cannot be read as a regular expression: "
                    + e.getDescription());
            return null;
        }
    }
}
