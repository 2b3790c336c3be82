package dev.luthier.core.model;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Reads the fields of one JSON object, collects every fault and remembers which fields were asked for. A field that is
 * null counts as absent. After a fault the default is returned, so that reading goes on to the next fault.
 */
final class FieldReader {

    private final JsonNode object;
    private final String prefix;
    private final List<String> faults;
    private final Set<String> asked = new HashSet<>();

    /** @param prefix what stands before field names in messages, for example "rope_scaling." */
    FieldReader(JsonNode object, String prefix, List<String> faults) {
        this.object = object;
        this.prefix = prefix;
        this.faults = faults;
    }

    /** The value, or null if it is absent. */
    @Nullable
    JsonNode get(String name) {
        asked.add(name);
        JsonNode value = object.get(name);
        return value == null || value.isNull() ? null : value;
    }

    boolean has(String name) {
        return get(name) != null;
    }

    /** Whether the field is there, be it null. */
    boolean isNamed(String name) {
        asked.add(name);
        return object.has(name);
    }

    int positive(String name, int whenAbsent) {
        JsonNode value = get(name);
        if (value == null) {
            return whenAbsent;
        }
        if (value.isIntegralNumber() && value.canConvertToInt() && value.intValue() > 0) {
            return value.intValue();
        }
        fault(name, "must be a whole number from 1 to 2147483647, but is " + value);
        return whenAbsent;
    }

    int notNegative(String name, int whenAbsent) {
        JsonNode value = get(name);
        return value != null && value.isIntegralNumber() && value.asInt(-1) == 0 ? 0 : positive(name, whenAbsent);
    }

    double notNegativeNumber(String name, double whenAbsent) {
        JsonNode value = get(name);
        return value != null && value.isNumber() && value.doubleValue() == 0 ? 0 : positiveNumber(name, whenAbsent);
    }

    double positiveNumber(String name, double whenAbsent) {
        JsonNode value = get(name);
        if (value == null) {
            return whenAbsent;
        }
        if (value.isNumber() && value.doubleValue() > 0 && Double.isFinite(value.doubleValue())) {
            return value.doubleValue();
        }
        fault(name, "must be a number greater than 0, but is " + value);
        return whenAbsent;
    }

    boolean flag(String name, boolean whenAbsent) {
        JsonNode value = get(name);
        if (value == null) {
            return whenAbsent;
        }
        if (value.isBoolean()) {
            return value.booleanValue();
        }
        fault(name, "must be true or false, but is " + value);
        return whenAbsent;
    }

    @Nullable
    String text(String name) {
        JsonNode value = get(name);
        if (value == null || value.isString()) {
            return value == null ? null : value.stringValue();
        }
        fault(name, "must be a string, but is " + value);
        return null;
    }

    /** A token id or a list of them; absent is an empty list, or the given one if the field is not there at all. */
    List<Integer> tokenIds(String name, List<Integer> whenMissing) {
        asked.add(name);
        JsonNode value = object.get(name);
        if (value == null) {
            return whenMissing;
        }
        List<Integer> ids = new ArrayList<>();
        for (JsonNode id : value.isArray() ? value : List.of(value)) {
            if (id.isIntegralNumber() && id.canConvertToInt() && id.intValue() >= 0) {
                ids.add(id.intValue());
            } else if (!id.isNull() && !(id.isIntegralNumber() && id.intValue() == -1)) {
                fault(name, "must be token ids, but is " + value);
            }
        }
        return ids;
    }

    /** Faults a number other than the one that is built. */
    void mustBe(String name, double only) {
        JsonNode value = get(name);
        if (value != null && !(value.isNumber() && value.doubleValue() == only)) {
            fault(name, "is " + value + ", and only " + (only == Math.rint(only) ? "" + (long) only : "" + only)
                    + " is supported");
        }
    }

    /** Faults a switch in the position that is not built. */
    void mustBe(String name, boolean only) {
        JsonNode value = get(name);
        if (value != null && !(value.isBoolean() && value.booleanValue() == only)) {
            fault(name, "is " + value + ", and only " + only + " is supported");
        }
    }

    /** Faults a choice that is not built. */
    void mustBe(String name, String only) {
        JsonNode value = get(name);
        if (value != null && !(value.isString() && value.stringValue().equals(only))) {
            fault(name, "is " + value + ", and only \"" + only + "\" is supported");
        }
    }

    /** Faults a field that must be absent or null. */
    void mustBeAbsent(String name, String why) {
        JsonNode value = get(name);
        if (value != null) {
            fault(name, why);
        }
    }

    void fault(String name, String what) {
        faults.add("'" + prefix + name + "' " + what);
    }

    /** Names of the fields that are there, are not null and that nobody asked for. */
    List<String> unasked() {
        return object.properties().stream().filter(property -> !property.getValue().isNull())
                .map(Map.Entry::getKey).filter(name -> !asked.contains(name)).toList();
    }
}
