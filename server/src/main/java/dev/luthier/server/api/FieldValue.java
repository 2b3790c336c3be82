package dev.luthier.server.api;

import dev.luthier.core.problem.Excerpt;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/**
 * One JSON value in a request, at a known place. Nothing is converted: a number in quotes is not a number. A whole
 * number may be written 5 or 5.0.
 */
public final class FieldValue {
    private final JsonNode node;
    private final List<Object> location;
    private final Fields.Faults faults;
    /** Whether there was a value and its fault is noted: then it is not missing as well. */
    private final boolean refused;

    FieldValue(JsonNode node, List<Object> location, Fields.Faults faults) {
        this(node, location, faults, false);
    }

    private FieldValue(JsonNode node, List<Object> location, Fields.Faults faults, boolean refused) {
        this.node = node;
        this.location = location;
        this.faults = faults;
        this.refused = refused;
    }

    private FieldValue refused() {
        return new FieldValue(MissingNode.getInstance(), location, faults, true);
    }

    /** The value as it came. */
    public JsonNode node() {
        return node;
    }

    /** Whether it is there and not null. */
    public boolean isGiven() {
        return !node.isMissingNode() && !node.isNull();
    }

    public boolean isText() {
        return node.isString();
    }

    /** Notes a fault at this value. */
    public void fault(String code, String message) {
        faults.add(code, message, location);
    }

    /** The place as people write it: {@code training_files[0].weight}. */
    public String name() {
        String parameter = new Fault("", "", location).parameter();
        return parameter == null ? "body" : parameter;
    }

    public Text text() {
        return new Text(ofType(node.isString(), "a string"));
    }

    public Whole integer() {
        return new Whole(ofType(node.isIntegralNumber() || (node.isNumber() && node.canConvertToExactIntegral()),
                "a whole number"));
    }

    public Real number() {
        return new Real(ofType(node.isNumber(), "a number"));
    }

    public Bool bool() {
        return new Bool(ofType(node.isBoolean(), "true or false"));
    }

    public <T> Choice<T> choice(Map<String, T> names) {
        return new Choice<>(ofType(node.isString(), "one of " + listed(names)), names);
    }

    /** A nested object; empty when absent or of another type, the latter being noted. */
    public Fields object() {
        return Fields.nested(ofType(node.isObject(), "an object").node, location, faults);
    }

    /** The elements of a list; empty when absent or of another type, the latter being noted. */
    public List<FieldValue> list() {
        List<FieldValue> elements = new ArrayList<>();
        for (JsonNode element : ofType(node.isArray(), "a list").node) {
            List<Object> where = new ArrayList<>(location);
            where.add(elements.size());
            elements.add(new FieldValue(element, List.copyOf(where), faults));
        }
        return elements;
    }

    /** Notes that a value that must be there is not. */
    public void requireGiven() {
        if (!isGiven() && !refused) {
            fault("missing_field", name() + " is missing.");
        }
    }

    private FieldValue ofType(boolean matches, String wanted) {
        if (matches || !isGiven()) {
            return this;
        }
        fault("wrong_type", name() + " must be " + wanted + ", not " + typeName(node) + ".");
        return refused();
    }

    /** What a caller sent, short enough for a message. */
    public static String shown(String text) {
        return Excerpt.of(text);
    }

    /** The names in alphabetical order. */
    static String listed(Map<String, ?> names) {
        return names.keySet().stream().sorted().collect(Collectors.joining(", "));
    }

    static String typeName(JsonNode node) {
        return switch (node.getNodeType()) {
            case ARRAY -> "a list";
            case BOOLEAN -> "a boolean";
            case NULL, MISSING -> "null";
            case NUMBER -> "the number " + node;
            case OBJECT, POJO -> "an object";
            case STRING, BINARY -> "a string";
        };
    }

    /** A string and its limits. */
    public static final class Text {
        private final FieldValue value;

        private Text(FieldValue value) {
            this.value = value;
        }

        public Text notEmpty() {
            return check(text -> !text.isEmpty(), "must not be empty");
        }

        /** Counts Unicode code points. */
        public Text maxLength(int length) {
            return check(text -> text.codePointCount(0, text.length()) <= length,
                    "must have at most " + length + " characters");
        }

        /** {@code rule} completes "suffix must ..." with what the pattern says. */
        public Text matching(Pattern pattern, String rule) {
            return check(text -> pattern.matcher(text).matches(), "must " + rule);
        }

        private Text check(Predicate<String> holds, String rule) {
            if (value.isGiven() && !holds.test(value.node.stringValue())) {
                value.fault("invalid_value", value.name() + " " + rule + ".");
            }
            return this;
        }

        /** The string; a missing one is noted and reads as empty. */
        public String required() {
            value.requireGiven();
            return orElse("");
        }

        public String orElse(String absent) {
            return value.isGiven() ? value.node.stringValue() : absent;
        }

        public @Nullable String orNull() {
            return value.isGiven() ? value.node.stringValue() : null;
        }
    }

    /** A whole number and its limits. */
    public static final class Whole {
        private final FieldValue value;

        private Whole(FieldValue value) {
            this.value = value.isGiven() && !value.node.canConvertToLong() ? tooLarge(value) : value;
        }

        private static FieldValue tooLarge(FieldValue value) {
            value.fault("out_of_range", value.name() + " is too large for a 64-bit integer.");
            return value.refused();
        }

        public Whole atLeast(long minimum) {
            return check(value.node.asLong(minimum) >= minimum, "must be at least " + minimum);
        }

        public Whole atMost(long maximum) {
            return check(value.node.asLong(maximum) <= maximum, "must be at most " + maximum);
        }

        private Whole check(boolean holds, String rule) {
            if (value.isGiven() && !holds) {
                value.fault("out_of_range", value.name() + " " + rule + ", not " + value.node + ".");
            }
            return this;
        }

        /** The number; a missing one is noted and reads as 0. */
        public long required() {
            value.requireGiven();
            return orElse(0);
        }

        public long orElse(long absent) {
            return value.isGiven() ? value.node.asLong() : absent;
        }

        public @Nullable Long orNull() {
            return value.isGiven() ? value.node.asLong() : null;
        }
    }

    /** A number and its limits. */
    public static final class Real {
        private final FieldValue value;

        private Real(FieldValue value) {
            this.value = value;
            check(Double.isFinite(value.node.asDouble(0)), "is too large");
        }

        public Real atLeast(double minimum) {
            return check(value.node.asDouble(minimum) >= minimum, "must be at least " + plain(minimum));
        }

        public Real moreThan(double bound) {
            return check(value.node.asDouble(bound) > bound, "must be more than " + plain(bound));
        }

        public Real atMost(double maximum) {
            return check(value.node.asDouble(maximum) <= maximum, "must be at most " + plain(maximum));
        }

        private Real check(boolean holds, String rule) {
            if (value.isGiven() && !holds) {
                value.fault("out_of_range", value.name() + " " + rule + ", not " + value.node + ".");
            }
            return this;
        }

        private static String plain(double number) {
            return number == Math.rint(number) ? Long.toString((long) number) : Double.toString(number);
        }

        /** The number; a missing one is noted and reads as 0. */
        public double required() {
            value.requireGiven();
            return orElse(0);
        }

        public double orElse(double absent) {
            return value.isGiven() ? value.node.asDouble() : absent;
        }

        public @Nullable Double orNull() {
            return value.isGiven() ? value.node.asDouble() : null;
        }
    }

    /** A boolean. */
    public static final class Bool {
        private final FieldValue value;

        private Bool(FieldValue value) {
            this.value = value;
        }

        public boolean required() {
            value.requireGiven();
            return orElse(false);
        }

        public boolean orElse(boolean absent) {
            return value.isGiven() ? value.node.booleanValue() : absent;
        }
    }

    /** A name out of a table. */
    public static final class Choice<T> {
        private final FieldValue value;
        private final Map<String, T> names;

        private Choice(FieldValue value, Map<String, T> names) {
            this.value = value;
            this.names = names;
            if (value.isGiven() && !names.containsKey(value.node.stringValue())) {
                value.fault("unknown_value",
                        value.name() + " \"" + shown(value.node.stringValue()) + "\" is unknown. Use "
                                + listed(names) + ".");
            }
        }

        /** The chosen one; a missing name is noted and reads as {@code placeholder}. */
        public T required(T placeholder) {
            value.requireGiven();
            return orElse(placeholder);
        }

        public T orElse(T absent) {
            T chosen = orNull();
            return chosen == null ? absent : chosen;
        }

        public @Nullable T orNull() {
            return value.isGiven() ? names.get(value.node.stringValue()) : null;
        }
    }
}
