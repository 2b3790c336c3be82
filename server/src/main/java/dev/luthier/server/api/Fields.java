package dev.luthier.server.api;

import dev.luthier.core.problem.Nearest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeType;
import tools.jackson.databind.node.MissingNode;

/**
 * The fields of a JSON object in a request. Each is asked for by name and type; a wrong one is noted and a neutral
 * value returned, so that {@link #finish} can report every fault at once, unknown fields included. Use what was read
 * only after {@code finish}. JSON null is the same as an absent field. Not thread-safe.
 *
 * <pre>
 * Fields body = Fields.of(json);
 * String model = body.text("model").required();
 * boolean autoStart = body.bool("auto_start").orElse(false);
 * Fields hyperparameters = body.object("hyperparameters");
 * Integer steps = hyperparameters.integer("training_steps").atLeast(1).orNull();
 * body.notBuilt("repositories", "Upload the data as files instead.");
 * body.finish();
 * </pre>
 */
public final class Fields {
    private final JsonNode node;
    private final List<Object> location;
    private final Faults faults;
    private final Set<String> known = new HashSet<>();

    private Fields(JsonNode node, List<Object> location, Faults faults) {
        this.node = node;
        this.location = location;
        this.faults = faults;
        faults.objects.add(this);
    }

    /** What was found so far in one body, shared by its nested objects. */
    static final class Faults {
        private static final int KEPT = 100;

        private final List<Fault> found = new ArrayList<>();
        private final List<Fields> objects = new ArrayList<>();
        private long count;

        /** Keeps the first faults and counts all: a body may have as many as it has fields. */
        void add(String code, String message, List<Object> location) {
            if (found.size() < KEPT) {
                found.add(new Fault(code, message, location));
            }
            count++;
        }

        /** Ends reading: see {@link Fields#finish}. */
        void finish() {
            for (Fields object : objects) {
                object.noteUnknown();
            }
            if (!found.isEmpty()) {
                throw ApiFailure.invalid(found, count);
            }
        }
    }

    /** The fields of a whole body; anything but an object fails at once. */
    public static Fields of(JsonNode body) {
        if (!body.isObject()) {
            throw ApiFailure.invalid(List.of(new Fault("wrong_type",
                    "The body must be a JSON object, not " + FieldValue.typeName(body) + ".", List.of("body"))));
        }
        return new Fields(body, List.of("body"), new Faults());
    }

    static Fields nested(JsonNode node, List<Object> location, Faults faults) {
        return new Fields(node, location, faults);
    }

    /** A field of any type. */
    public FieldValue value(String name) {
        known.add(name);
        List<Object> where = new ArrayList<>(location);
        where.add(name);
        return new FieldValue(node.path(name), List.copyOf(where), faults);
    }

    /** A header of the same request: its faults are reported with those of the body. */
    public FieldValue header(String name) {
        return new FieldValue(MissingNode.getInstance(), List.of("header", name), faults);
    }

    public FieldValue.Text text(String name) {
        return value(name).text();
    }

    public FieldValue.Whole integer(String name) {
        return value(name).integer();
    }

    public FieldValue.Real number(String name) {
        return value(name).number();
    }

    public FieldValue.Bool bool(String name) {
        return value(name).bool();
    }

    /** A nested object; an absent one reads as empty, so ask {@link #has} when that matters. */
    public Fields object(String name) {
        return value(name).object();
    }

    /** The elements of a list; an absent one reads as empty. */
    public List<FieldValue> list(String name) {
        return value(name).list();
    }

    /** A field whose value is one of the names of a table. */
    public <T> FieldValue.Choice<T> choice(String name, Map<String, T> names) {
        return value(name).choice(names);
    }

    /** Whether the field is there with a value other than null. */
    public boolean has(String name) {
        return value(name).isGiven();
    }

    /** Refuses a field that the API knows and this server does not build yet; null and absent are fine. */
    public void notBuilt(String name, String advice) {
        FieldValue field = value(name);
        if (field.isGiven()) {
            field.fault("not_built", name + " is not built yet. " + advice);
        }
    }

    /** The same for a field whose empty list changes nothing. */
    public void notBuiltUnlessEmpty(String name, String advice) {
        FieldValue field = value(name);
        if (field.isGiven() && !(field.node().isArray() && field.node().isEmpty())) {
            field.fault("not_built", name + " is not built yet. " + advice);
        }
    }

    /** The same for a field of which one value changes nothing; a string, boolean or number. */
    public void notBuiltUnless(String name, Object harmless, String advice) {
        FieldValue field = value(name);
        boolean same = switch (harmless) {
            case String text -> field.node().isString() && field.node().stringValue().equals(text);
            case Boolean bool -> field.node().isBoolean() && field.node().booleanValue() == bool;
            case Number number ->
                field.node().isNumber() && Double.compare(field.node().doubleValue(), number.doubleValue()) == 0;
            default -> throw new IllegalArgumentException(harmless.toString());
        };
        if (field.isGiven() && !same) {
            field.fault("not_built",
                    name + " " + FieldValue.shown(field.node().toString()) + " is not built yet. " + advice);
        }
    }

    /** Accepts fields, with any value, that change nothing; the guide lists them. */
    public void accept(String... names) {
        known.addAll(List.of(names));
    }

    /** Notes a fault that concerns the whole object. */
    public void fault(String code, String message) {
        faults.add(code, message, location);
    }

    /** The members as they came, for objects whose keys are the caller's own; every one counts as known. */
    public Map<String, JsonNode> members() {
        Map<String, JsonNode> members = new LinkedHashMap<>();
        node.properties().forEach(entry -> members.put(entry.getKey(), entry.getValue()));
        known.addAll(members.keySet());
        return members;
    }

    /**
     * Ends reading of the whole body, nested objects included.
     *
     * @throws ApiFailure with every fault, if there is one
     */
    public void finish() {
        faults.finish();
    }

    private void noteUnknown() {
        if (node.getNodeType() != JsonNodeType.OBJECT) {
            return;
        }
        for (String name : node.propertyNames()) {
            if (!known.contains(name)) {
                List<Object> where = new ArrayList<>(location);
                where.add(FieldValue.shown(name));
                faults.add("unknown_field",
                        "The field " + FieldValue.shown(name) + " is unknown." + Nearest.hint(name, known), where);
            }
        }
    }
}
