package dev.luthier.core.jinja.value;

import dev.luthier.core.jinja.value.Value.Bool;
import dev.luthier.core.jinja.value.Value.Instance;
import dev.luthier.core.jinja.value.Value.Int;
import dev.luthier.core.jinja.value.Value.Namespace;
import dev.luthier.core.jinja.value.Value.None;
import dev.luthier.core.jinja.value.Value.Range;
import dev.luthier.core.jinja.value.Value.Sequence;
import dev.luthier.core.jinja.value.Value.Str;
import dev.luthier.core.jinja.value.Value.Tuple;
import dev.luthier.core.jinja.value.Value.Undefined;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/** {@code value.name}, {@code value[key]} and {@code value[start:stop:step]} by Jinja's rules. */
public final class Subscript {
    private Subscript() {}

    /** An attribute or method first, then an element; undefined when there is neither. */
    public static Value attribute(Value target, String name, Budget budget) {
        Value member = member(target, name, budget);
        if (member != null) {
            return member;
        }
        Value element = element(target, new Str(name), budget);
        return element != null ? element : missing(target, new Str(name), budget);
    }

    /** An element first, then an attribute or method; undefined when there is neither. */
    public static Value item(Value target, Value key, Budget budget) {
        Value element = element(target, key, budget);
        if (element != null) {
            return element;
        }
        Value member = key instanceof Str(String name, boolean safe) ? member(target, name, budget) : null;
        return member != null ? member : missing(target, key, budget);
    }

    private static @Nullable Value member(Value target, String name, Budget budget) {
        if (target instanceof Undefined(String message)) {
            if (name.startsWith("__")) {
                return null;
            }
            throw TemplateFault.of(message + ".");
        }
        if (name.startsWith("__") && !(target instanceof Namespace)) {
            return name.endsWith("__") && name.length() > 4
                    ? new Undefined("Access to '" + name + "' of " + Types.name(target) + " is unsafe")
                    : null;
        }
        return switch (target) {
            case Namespace(Map<String, Value> attributes) -> attributes.get(name);
            case Instance instance -> instance.attribute(name) instanceof Undefined ? null : instance.attribute(name);
            default -> Methods.find(target, name, budget);
        };
    }

    private static Value missing(Value target, Value key, Budget budget) {
        String what = key instanceof Str(String name, boolean safe)
                ? " has no attribute '" + name + "'"
                : " has no element " + Printing.repr(key, budget);
        return new Undefined("'" + Types.name(target) + "'" + what);
    }

    private static @Nullable Value element(Value target, Value key, Budget budget) {
        return switch (target) {
            case Dict dict -> key instanceof Sequence || key instanceof Dict ? null : dict.get(key);
            case Sequence(List<Value> items) -> at(items, key);
            case Tuple(List<Value> items) -> at(items, key);
            case Str(String text, boolean safe) -> character(text, key, budget);
            case Range range -> {
                int index = index(key, Types.length(range));
                yield index < 0 ? null : range.at(index);
            }
            case Undefined(String message) -> throw TemplateFault.of(message + ".");
            default -> null;
        };
    }

    private static @Nullable Value at(List<Value> items, Value key) {
        int index = index(key, items.size());
        return index < 0 ? null : items.get(index);
    }

    private static @Nullable Value character(String text, Value key, Budget budget) {
        budget.text(text.length());
        int index = index(key, text.codePointCount(0, text.length()));
        return index < 0 ? null : new Str(Character.toString(text.codePointAt(text.offsetByCodePoints(0, index))));
    }

    /** The place that a whole number means, counting from the end when negative; -1 when there is none. */
    private static int index(Value key, int length) {
        if (!(key instanceof Int || key instanceof Bool)) {
            return -1;
        }
        BigInteger number = Arithmetic.toInteger(key);
        if (number.bitLength() > 31) {
            return -1;
        }
        int index = number.signum() < 0 ? number.intValue() + length : number.intValue();
        return index < length ? Math.max(index, -1) : -1;
    }

    /** A part of a list, tuple, range or string. */
    public static Value slice(Value target, Value start, Value stop, Value step, Budget budget) {
        return switch (target) {
            case Sequence(List<Value> items) -> new Sequence(pick(items, start, stop, step, budget));
            case Tuple(List<Value> items) -> new Tuple(pick(items, start, stop, step, budget));
            case Str(String text, boolean safe) -> {
                budget.text(text.length());
                int[] points = text.codePoints().toArray();
                StringBuilder picked = new StringBuilder();
                for (int index : places(points.length, start, stop, step, budget)) {
                    picked.appendCodePoint(points[index]);
                }
                yield new Str(picked.toString(), safe);
            }
            case Range range -> {
                List<Value> items = pick(Types.list(range, budget), start, stop, step, budget);
                long stride = range.step() * bound(step, 1);
                long first = items.isEmpty() ? 0 : Arithmetic.toInteger(items.getFirst()).longValueExact();
                yield new Range(first, first + stride * items.size(), stride);
            }
            case Undefined(String message) -> throw TemplateFault.of(message + ".");
            default -> throw TemplateFault.of("A value of type " + Types.name(target) + " has no slices.");
        };
    }

    private static List<Value> pick(List<Value> items, Value start, Value stop, Value step, Budget budget) {
        List<Value> picked = new ArrayList<>();
        for (int index : places(items.size(), start, stop, step, budget)) {
            picked.add(items.get(index));
        }
        return picked;
    }

    private static int[] places(int length, Value start, Value stop, Value step, Budget budget) {
        long stride = bound(step, 1);
        if (stride == 0) {
            throw TemplateFault.of("The step of a slice must not be zero.");
        }
        long lowest = stride > 0 ? 0 : -1;
        long highest = stride > 0 ? length : length - 1L;
        long from = place(start, stride > 0 ? lowest : highest, length, lowest, highest);
        long to = place(stop, stride > 0 ? highest : lowest, length, lowest, highest);
        long span = stride > 0 ? to - from : from - to;
        long count = span <= 0 ? 0 : (span - 1) / Math.abs(stride) + 1;
        budget.items(count);
        int[] places = new int[(int) count];
        for (int i = 0; i < count; i++) {
            places[i] = (int) (from + i * stride);
        }
        return places;
    }

    private static long place(Value value, long otherwise, int length, long lowest, long highest) {
        if (value == None.NONE) {
            return otherwise;
        }
        long given = bound(value, 0);
        return Math.clamp(given < 0 ? given + length : given, lowest, highest);
    }

    /** The number of a slice, cut to the range of int; {@code otherwise} for None. */
    private static long bound(Value value, long otherwise) {
        if (value == None.NONE) {
            return otherwise;
        }
        if (!(value instanceof Int || value instanceof Bool)) {
            throw TemplateFault.of("A slice needs whole numbers, not " + Types.name(value) + ".");
        }
        BigInteger number = Arithmetic.toInteger(value);
        return number.bitLength() > 31 ? (long) number.signum() * Integer.MAX_VALUE : number.longValue();
    }
}
