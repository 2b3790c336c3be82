package dev.luthier.core.data;

import static dev.luthier.core.data.LineObject.kind;
import static dev.luthier.core.data.LineObject.quote;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * Checks that a tool's {@code parameters} are a JSON Schema of an object: that each keyword has a value of its kind.
 * Keywords that are not known are left alone, as JSON Schema wants it. Source: JSON Schema 2020-12 and draft 7.
 */
final class ToolSchema {
    private static final List<String> TYPES = List.of("string", "number", "integer", "boolean", "object", "array",
            "null");
    private static final Map<String, String> OTHER_TYPES = Map.ofEntries(Map.entry("str", "string"),
            Map.entry("text", "string"), Map.entry("float", "number"), Map.entry("double", "number"),
            Map.entry("int", "integer"), Map.entry("long", "integer"), Map.entry("bool", "boolean"),
            Map.entry("dict", "object"), Map.entry("list", "array"), Map.entry("tuple", "array"),
            Map.entry("none", "null"));
    private static final Set<String> SCHEMAS_BY_NAME = Set.of("properties", "patternProperties", "$defs",
            "definitions", "dependentSchemas");
    private static final Set<String> SCHEMA_LISTS = Set.of("anyOf", "oneOf", "allOf", "prefixItems");
    private static final Set<String> SCHEMAS = Set.of("items", "additionalProperties", "not", "if", "then", "else",
            "contains", "propertyNames", "unevaluatedProperties", "unevaluatedItems", "additionalItems");
    private static final Set<String> STRINGS = Set.of("title", "description", "pattern", "format", "$ref", "$schema",
            "$id", "$comment");
    private static final Set<String> NUMBERS = Set.of("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
            "multipleOf");
    private static final Set<String> COUNTS = Set.of("minLength", "maxLength", "minItems", "maxItems", "minProperties",
            "maxProperties", "minContains", "maxContains");

    private final DataFaults.OfLine faults;

    private ToolSchema(DataFaults.OfLine faults) {
        this.faults = faults;
    }

    /** Adds a fault for each keyword with a value that means nothing. */
    static void check(JsonNode parameters, String pointer, DataFaults.OfLine faults) {
        if (!parameters.isObject()) {
            faults.add(pointer, "must be a JSON Schema object, not " + kind(parameters) + ".");
            return;
        }
        JsonNode type = parameters.path("type");
        if (type.isString() && TYPES.contains(type.stringValue()) && !type.stringValue().equals("object")) {
            faults.add(pointer + "/type", "the parameters of a function are an object, not " + quote(type.stringValue())
                    + ". Put the value under properties.");
        }
        new ToolSchema(faults).schema(parameters, pointer);
    }

    private void schema(JsonNode schema, String pointer) {
        if (schema.isBoolean()) {
            return;
        }
        LineObject.of(schema, pointer, faults).ifPresent(object -> schema.properties()
                .forEach(keyword -> keyword(keyword.getKey(), keyword.getValue(), object.pointerTo(keyword.getKey()))));
    }

    private void keyword(String name, JsonNode value, String pointer) {
        if (value.isNull()) {
            return;
        }
        if (name.equals("type")) {
            type(value, pointer);
        } else if (SCHEMAS_BY_NAME.contains(name)) {
            LineObject.of(value, pointer, faults).ifPresent(object -> value.properties()
                    .forEach(entry -> schema(entry.getValue(), object.pointerTo(entry.getKey()))));
        } else if (SCHEMA_LISTS.contains(name)) {
            list(value, pointer);
        } else if (SCHEMAS.contains(name)) {
            if (name.equals("items") && value.isArray()) {
                list(value, pointer);
            } else {
                schema(value, pointer);
            }
        } else if (name.equals("required")) {
            required(value, pointer);
        } else {
            plain(name, value, pointer);
        }
    }

    private void plain(String name, JsonNode value, String pointer) {
        String wanted = null;
        if (name.equals("enum") || name.equals("examples")) {
            wanted = value.isArray() && !(name.equals("enum") && value.isEmpty()) ? null : "a list of values";
        } else if (STRINGS.contains(name)) {
            wanted = value.isString() ? null : "a string";
        } else if (NUMBERS.contains(name)) {
            // Draft 4, which many tools are still written in, has exclusive bounds that are true or false.
            wanted = value.isNumber() || (name.startsWith("exclusive") && value.isBoolean()) ? null : "a number";
        } else if (COUNTS.contains(name)) {
            wanted = value.isIntegralNumber() && value.asInt(-1) >= 0 ? null : "a whole number of at least 0";
        } else if (name.equals("uniqueItems")) {
            wanted = value.isBoolean() ? null : "true or false";
        }
        if (wanted != null) {
            faults.add(pointer, quote(name) + " must be " + wanted + ", not "
                    + (value.isArray() && value.isEmpty() ? "an empty list" : kind(value)) + ".");
        }
    }

    private void list(JsonNode schemas, String pointer) {
        if (!schemas.isArray() || schemas.isEmpty()) {
            faults.add(pointer, "must be a list of schemas, not "
                    + (schemas.isArray() ? "an empty one" : kind(schemas)) + ".");
            return;
        }
        for (int i = 0; i < schemas.size(); i++) {
            schema(schemas.get(i), pointer + "/" + i);
        }
    }

    private void required(JsonNode names, String pointer) {
        Set<String> seen = new HashSet<>();
        boolean sound = names.isArray();
        for (JsonNode name : names) {
            sound &= name.isString() && seen.add(name.stringValue());
        }
        // Draft 3 wrote it into each property.
        if (!sound && !names.isBoolean()) {
            faults.add(pointer, "\"required\" must be a list of different names of properties"
                    + (names.isArray() ? "." : ", not " + kind(names) + "."));
        }
    }

    private void type(JsonNode type, String pointer) {
        if (type.isArray() && type.isEmpty()) {
            faults.add(pointer, "must be a type or a list of types, not an empty one.");
        }
        for (JsonNode each : type.isArray() ? type : List.of(type)) {
            if (!each.isString()) {
                faults.add(pointer, "must be a type or a list of types, not " + kind(each) + ".");
            } else if (!TYPES.contains(each.stringValue())) {
                String other = OTHER_TYPES.get(each.stringValue());
                faults.add(pointer, "type " + quote(each.stringValue()) + " is not one of JSON Schema."
                        + (other == null
                                ? " Use one of " + String.join(", ", TYPES) + "."
                                : " Did you mean " + other + "?"));
            }
        }
    }
}
