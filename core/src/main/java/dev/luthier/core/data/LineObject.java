package dev.luthier.core.data;

import dev.luthier.core.json.Json;
import dev.luthier.core.problem.Nearest;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A JSON object inside a line, with its pointer and the place where faults go. A key whose value is null counts as
 * absent.
 */
record LineObject(JsonNode node, String pointer, DataFaults.OfLine faults) {
    private static final int QUOTED_CHARS = 40;

    /** The object at {@code pointer}; a fault and empty when the node is something else. */
    static Optional<LineObject> of(JsonNode node, String pointer, DataFaults.OfLine faults) {
        if (!node.isObject()) {
            faults.add(pointer, "must be a JSON object, not " + kind(node) + ".");
            return Optional.empty();
        }
        return Optional.of(new LineObject(node, pointer, faults));
    }

    /** The value of a key, or null when it is absent. */
    @Nullable
    JsonNode get(String key) {
        JsonNode value = node.get(key);
        return value == null || value.isNull() ? null : value;
    }

    boolean has(String key) {
        return get(key) != null;
    }

    /** Pointer to a key of this object (RFC 6901). */
    String pointerTo(String key) {
        return pointer + "/" + key.replace("~", "~0").replace("/", "~1");
    }

    void fault(String message) {
        faults.add(pointer, message);
    }

    void fault(String key, String message) {
        faults.add(pointerTo(key), message);
    }

    /**
     * Adds a fault for every key that is not known.
     *
     * @param refused keys that mean something which is not built, with the message that says so
     */
    void checkKeys(Collection<String> known, Map<String, String> refused) {
        checkRefused(refused);
        for (String key : node.propertyNames()) {
            if (!known.contains(key) && !refused.containsKey(key)) {
                String hint = Nearest.hint(key, known);
                fault(key, quote(key) + " is not a known key here."
                        + (hint.isEmpty() ? " Remove it; known keys: " + String.join(", ", known) + "." : hint));
            }
        }
    }

    /** Adds a fault for every key that means something which is not built. */
    void checkRefused(Map<String, String> refused) {
        for (String key : node.propertyNames()) {
            String message = refused.get(key);
            if (message != null && has(key)) {
                fault(key, message);
            }
        }
    }

    /** A string value; empty when it is absent, and with a fault when it is something else. */
    Optional<String> string(String key) {
        JsonNode value = get(key);
        if (value == null) {
            return Optional.empty();
        }
        if (!value.isString()) {
            fault(key, "must be a string, not " + kind(value) + ".");
            return Optional.empty();
        }
        return Optional.of(value.stringValue());
    }

    /** A string value that must be there and not be empty; a fault and empty otherwise. */
    Optional<String> requiredString(String key) {
        if (!has(key)) {
            fault(quote(key) + " is missing.");
            return Optional.empty();
        }
        Optional<String> value = string(key);
        if (value.isPresent() && value.get().isEmpty()) {
            fault(key, "must not be empty.");
            return Optional.empty();
        }
        return value;
    }

    /** The one key of two synonyms that is there; a fault when both are. Empty when none is. */
    Optional<String> oneOf(String name, String alias) {
        if (has(name) && has(alias)) {
            fault(alias, quote(alias) + " means the same as " + quote(name) + ". Keep one of them.");
        }
        return has(name) ? Optional.of(name) : has(alias) ? Optional.of(alias) : Optional.empty();
    }

    /** What a value is, for messages. */
    static String kind(JsonNode value) {
        return switch (value.getNodeType()) {
            case ARRAY -> "a list";
            case OBJECT -> "an object";
            case STRING -> "a string";
            case NUMBER -> "a number";
            case BOOLEAN -> "true or false";
            case NULL -> "null";
            case BINARY, MISSING, POJO -> throw new IllegalArgumentException("not from JSON text: " + value);
        };
    }

    /** Text from a file, quoted, its control characters escaped, and cut to fit into a message. */
    static String quote(String text) {
        if (text.length() <= QUOTED_CHARS) {
            return Json.write(text);
        }
        int end = Character.isHighSurrogate(text.charAt(QUOTED_CHARS - 1)) ? QUOTED_CHARS - 1 : QUOTED_CHARS;
        return Json.write(text.substring(0, end) + "…");
    }
}
