package dev.luthier.core.jinja.filter;

import dev.luthier.core.jinja.value.Budget;
import dev.luthier.core.jinja.value.Subscript;
import dev.luthier.core.jinja.value.Value;
import dev.luthier.core.jinja.value.Value.Int;
import dev.luthier.core.jinja.value.Value.None;
import dev.luthier.core.jinja.value.Value.Str;
import dev.luthier.core.jinja.value.Value.Undefined;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * The way to a part of an item that filters are given as {@code attribute='a.b.0'}.
 *
 * @param keys names and places, from the outside in
 * @param otherwise what stands for an undefined part, or null
 */
record AttributePath(List<Value> keys, @Nullable Value otherwise) {
    static final AttributePath NONE = new AttributePath(List.of(), null);

    static AttributePath of(Value attribute) {
        return of(attribute, null);
    }

    static AttributePath of(Value attribute, @Nullable Value otherwise) {
        return switch (attribute) {
            case None none -> new AttributePath(List.of(), otherwise);
            case Str(String names, boolean safe) -> {
                List<Value> keys = new ArrayList<>();
                for (String name : TextFilters.split(names, ".")) {
                    boolean place = !name.isEmpty() && name.chars().allMatch(c -> c >= '0' && c <= '9');
                    keys.add(place ? new Int(new BigInteger(name)) : new Str(name));
                }
                yield new AttributePath(keys, otherwise);
            }
            default -> new AttributePath(List.of(attribute), otherwise);
        };
    }

    Value get(Value item, Budget budget) {
        Value part = item;
        for (Value key : keys) {
            part = Subscript.item(part, key, budget);
            if (otherwise != null && part instanceof Undefined) {
                part = otherwise;
            }
        }
        return part;
    }
}
