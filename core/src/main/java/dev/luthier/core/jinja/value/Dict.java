package dev.luthier.core.jinja.value;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * Python's {@code dict}: pairs in insertion order, keys compared as Python does (1, 1.0 and True are one key). Filled
 * by who makes it, not changed afterwards.
 */
public final class Dict implements Value {
    private final Map<Object, Map.Entry<Value, Value>> pairs = new LinkedHashMap<>();

    public Dict() {}

    /** A dict of string keys in the map's order. */
    public static Dict of(Map<String, Value> entries) {
        Dict dict = new Dict();
        entries.forEach((key, value) -> dict.put(new Str(key), value));
        return dict;
    }

    /** A new value for an equal key keeps the first key and its place. */
    public void put(Value key, Value value) {
        pairs.compute(identity(key), (same, old) -> Map.entry(old == null ? key : old.getKey(), value));
    }

    public void putAll(Dict other) {
        for (Map.Entry<Value, Value> entry : other.entries()) {
            put(entry.getKey(), entry.getValue());
        }
    }

    /** Null when there is no such key; fails for keys that Python cannot hash. */
    @Nullable
    Value get(Value key) {
        Map.Entry<Value, Value> entry = pairs.get(identity(key));
        return entry == null ? null : entry.getValue();
    }

    @Nullable
    Value get(String key) {
        Map.Entry<Value, Value> entry = pairs.get(key);
        return entry == null ? null : entry.getValue();
    }

    public Collection<Map.Entry<Value, Value>> entries() {
        return pairs.values();
    }

    List<Value> keys() {
        List<Value> keys = new ArrayList<>(pairs.size());
        pairs.values().forEach(entry -> keys.add(entry.getKey()));
        return keys;
    }

    List<Value> values() {
        List<Value> values = new ArrayList<>(pairs.size());
        pairs.values().forEach(entry -> values.add(entry.getValue()));
        return values;
    }

    /** Pairs as tuples of two. */
    public List<Value> items() {
        List<Value> items = new ArrayList<>(pairs.size());
        pairs.values().forEach(entry -> items.add(new Tuple(List.of(entry.getKey(), entry.getValue()))));
        return items;
    }

    int size() {
        return pairs.size();
    }

    /** A Java object that is equal for keys that Python holds for equal. */
    public static Object identity(Value key) {
        return switch (key) {
            case Str(String text, boolean safe) -> text;
            case None none -> none;
            case Bool bool -> bool == Bool.TRUE ? BigDecimal.ONE : BigDecimal.ZERO;
            case Int(var value) -> new BigDecimal(value).stripTrailingZeros();
            case Real(double value) when Double.isFinite(value) -> value == 0
                    ? BigDecimal.ZERO
                    : new BigDecimal(value).stripTrailingZeros();
            case Real(double value) -> value;
            case Tuple(List<Value> items) -> items.stream().map(Dict::identity).toList();
            case Undefined undefined -> Undefined.class;
            case Function function -> new Same(function);
            case Instance instance -> new Same(instance);
            case Stream stream -> new Same(stream);
            case Range range -> range;
            case Sequence list -> throw unhashable("list");
            case Dict dict -> throw unhashable("dict");
            case View view -> throw unhashable(view.name());
            case Namespace namespace -> new Same(namespace);
        };
    }

    private static TemplateFault unhashable(String type) {
        return TemplateFault.of("A value of type " + type + " cannot be a key.");
    }

    /** Identity as equality. */
    private record Same(Value value) {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Same(Value that) && Types.identical(that, value);
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(value);
        }
    }
}
