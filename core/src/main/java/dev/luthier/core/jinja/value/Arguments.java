package dev.luthier.core.jinja.value;

import dev.luthier.core.jinja.value.Value.Bool;
import dev.luthier.core.jinja.value.Value.Int;
import dev.luthier.core.jinja.value.Value.None;
import dev.luthier.core.jinja.value.Value.Str;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * The evaluated arguments of a call.
 *
 * @param positional in order
 * @param named by name, in order
 */
public record Arguments(List<Value> positional, Map<String, Value> named) {
    public static final Arguments NONE = new Arguments(List.of(), Map.of());

    public static Arguments of(Value... positional) {
        return new Arguments(List.of(positional), Map.of());
    }

    /** Binds to a signature of optional parameters; a parameter named {@code /...} is positional only. */
    public Bound bind(String function, String... parameters) {
        if (positional.size() > parameters.length) {
            throw TemplateFault.of(function + " takes at most " + parameters.length + " arguments ("
                    + positional.size() + " given).");
        }
        @Nullable
        Value[] values = new @Nullable Value[parameters.length];
        for (int i = 0; i < positional.size(); i++) {
            values[i] = positional.get(i);
        }
        for (Map.Entry<String, Value> entry : named.entrySet()) {
            int index = List.of(parameters).indexOf(entry.getKey());
            if (index < 0) {
                throw TemplateFault.of(function + " takes no argument named '" + entry.getKey() + "'.");
            }
            if (values[index] != null) {
                throw TemplateFault.of(function + " got two values for the argument '" + entry.getKey() + "'.");
            }
            values[index] = entry.getValue();
        }
        return new Bound(function, parameters, values);
    }

    /** These arguments without the first positional ones. */
    public Arguments after(int count) {
        return new Arguments(positional.subList(count, positional.size()), named);
    }

    /** Arguments by the place of their parameter. */
    @SuppressWarnings("ArrayRecordComponent") // never compared, lives for one call
    public record Bound(String function, String[] parameters, @Nullable Value[] values) {

        /** Null when not given. */
        @Nullable
        public Value get(int index) {
            return values[index];
        }

        public Value get(int index, Value otherwise) {
            Value value = values[index];
            return value == null ? otherwise : value;
        }

        public Value required(int index) {
            Value value = values[index];
            if (value == null) {
                throw TemplateFault.of(
                        function + " needs the argument '" + parameters[index].replace("/", "") + "'.");
            }
            return value;
        }

        /** Whether it is given and not {@code None}. */
        public boolean has(int index) {
            return values[index] != null && values[index] != None.NONE;
        }

        /** A string that must be given. */
        public String text(int index) {
            if (required(index) instanceof Str(String text, boolean safe)) {
                return text;
            }
            throw wrongType(index, "a string");
        }

        /** A string; {@code otherwise} when not given or {@code None}. */
        public String text(int index, String otherwise) {
            return has(index) ? text(index) : otherwise;
        }

        /** A whole number; {@code otherwise} when not given. Bounded to the range of int. */
        public int integer(int index, int otherwise) {
            Value value = values[index];
            return switch (value) {
                case null -> otherwise;
                case Bool bool -> bool.number();
                case Int(var number) when number.bitLength() < 32 -> number.intValue();
                case Int tooLarge -> throw TemplateFault.limit(function + " got a number that is too large.");
                default -> throw wrongType(index, "a whole number");
            };
        }

        private TemplateFault wrongType(int index, String expected) {
            return TemplateFault.of(function + " needs " + expected + " as its argument '"
                    + parameters[index].replace("/", "") + "', not " + Types.name(required(index)) + ".");
        }
    }
}
