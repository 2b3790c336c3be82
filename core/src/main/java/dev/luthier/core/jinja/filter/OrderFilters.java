package dev.luthier.core.jinja.filter;

import dev.luthier.core.jinja.value.Arguments;
import dev.luthier.core.jinja.value.Arguments.Bound;
import dev.luthier.core.jinja.value.Budget;
import dev.luthier.core.jinja.value.Comparison;
import dev.luthier.core.jinja.value.Dict;
import dev.luthier.core.jinja.value.Group;
import dev.luthier.core.jinja.value.TemplateFault;
import dev.luthier.core.jinja.value.Types;
import dev.luthier.core.jinja.value.Value;
import dev.luthier.core.jinja.value.Value.Bool;
import dev.luthier.core.jinja.value.Value.None;
import dev.luthier.core.jinja.value.Value.Sequence;
import dev.luthier.core.jinja.value.Value.Str;
import dev.luthier.core.jinja.value.Value.Stream;
import dev.luthier.core.jinja.value.Value.Tuple;
import dev.luthier.core.jinja.value.Value.Undefined;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/** Filters that compare the items of a list. Strings compare without case unless asked. */
final class OrderFilters {
    private OrderFilters() {}

    static void addTo(Map<String, Filters.Filter> filters) {
        filters.put("sort", OrderFilters::sort);
        filters.put("dictsort", OrderFilters::dictSort);
        filters.put("min", (input, arguments, budget) -> extreme("min", input, arguments, budget));
        filters.put("max", (input, arguments, budget) -> extreme("max", input, arguments, budget));
        filters.put("unique", OrderFilters::unique);
        filters.put("groupby", OrderFilters::groupBy);
    }

    private static boolean flag(Bound bound, int index) {
        return Types.truth(bound.get(index, Bool.FALSE));
    }

    /** The part of an item that is compared. */
    private static UnaryOperator<Value> key(AttributePath path, boolean caseSensitive, Budget budget) {
        return item -> caseSensitive ? path.get(item, budget) : TextFilters.ignoreCase(path.get(item, budget));
    }

    private static AttributePath path(Bound bound, int index) {
        return AttributePath.of(bound.get(index, None.NONE));
    }

    private static List<Value> sorted(List<Value> items, UnaryOperator<Value> key, boolean reverse, Budget budget) {
        record Keyed(Value key, Value item) {}
        Comparator<Keyed> order = (a, b) -> Comparison.order(a.key(), b.key(), "<", budget);
        List<Keyed> keyed = new ArrayList<>(items.size());
        items.forEach(item -> keyed.add(new Keyed(key.apply(item), item)));
        keyed.sort(reverse ? order.reversed() : order);
        List<Value> sorted = new ArrayList<>(items.size());
        keyed.forEach(entry -> sorted.add(entry.item()));
        return sorted;
    }

    private static Value sort(Value input, Arguments arguments, Budget budget) {
        Bound bound = arguments.bind("sort", "reverse", "case_sensitive", "attribute");
        List<UnaryOperator<Value>> keys = new ArrayList<>();
        boolean caseSensitive = flag(bound, 1);
        if (bound.get(2, None.NONE) instanceof Str(String names, boolean safe)) {
            TextFilters.split(names, ",")
                    .forEach(name -> keys.add(key(AttributePath.of(new Str(name)), caseSensitive, budget)));
        } else {
            keys.add(key(path(bound, 2), caseSensitive, budget));
        }
        UnaryOperator<Value> key = item -> new Sequence(keys.stream().<Value>map(part -> part.apply(item)).toList());
        return new Sequence(sorted(Types.list(input, budget), key, flag(bound, 0), budget));
    }

    private static Value dictSort(Value input, Arguments arguments, Budget budget) {
        Bound bound = arguments.bind("dictsort", "case_sensitive", "by", "reverse");
        String by = bound.text(1, "key");
        if (!(input instanceof Dict dict) || (!by.equals("key") && !by.equals("value"))) {
            throw TemplateFault.of("dictsort needs a mapping, and sorts by 'key' or 'value'.");
        }
        UnaryOperator<Value> part = pair -> ((Tuple) pair).items().get(by.equals("key") ? 0 : 1);
        UnaryOperator<Value> key = pair -> flag(bound, 0)
                ? part.apply(pair)
                : TextFilters.ignoreCase(part.apply(pair));
        return new Sequence(sorted(dict.items(), key, flag(bound, 2), budget));
    }

    private static Value extreme(String name, Value input, Arguments arguments, Budget budget) {
        Bound bound = arguments.bind(name, "case_sensitive", "attribute");
        UnaryOperator<Value> key = key(path(bound, 1), flag(bound, 0), budget);
        Iterator<Value> items = Types.iterate(input, budget);
        if (!items.hasNext()) {
            return new Undefined("No aggregated item, sequence was empty");
        }
        Value best = items.next();
        Value bestKey = key.apply(best);
        while (items.hasNext()) {
            Value item = items.next();
            Value itemKey = key.apply(item);
            int order = Comparison.order(itemKey, bestKey, "<", budget);
            if (name.equals("min") ? order < 0 : order > 0) {
                best = item;
                bestKey = itemKey;
            }
        }
        return best;
    }

    private static Value unique(Value input, Arguments arguments, Budget budget) {
        Bound bound = arguments.bind("unique", "case_sensitive", "attribute");
        UnaryOperator<Value> key = key(path(bound, 1), flag(bound, 0), budget);
        Set<Object> seen = new HashSet<>();
        List<Value> kept = new ArrayList<>();
        for (Value item : Types.list(input, budget)) {
            if (seen.add(Dict.identity(key.apply(item)))) {
                kept.add(item);
            }
        }
        return new Stream("generator", kept.iterator());
    }

    private static Value groupBy(Value input, Arguments arguments, Budget budget) {
        Bound bound = arguments.bind("groupby", "attribute", "default", "case_sensitive");
        AttributePath path = AttributePath.of(bound.required(0), bound.has(1) ? bound.get(1) : null);
        UnaryOperator<Value> key = key(path, flag(bound, 2), budget);
        List<Value> groups = new ArrayList<>();
        List<Value> group = new ArrayList<>();
        for (Value item : sorted(Types.list(input, budget), key, false, budget)) {
            if (!group.isEmpty() && !Comparison.equal(key.apply(group.getFirst()), key.apply(item), budget)) {
                groups.add(group(group, path, budget));
                group = new ArrayList<>();
            }
            group.add(item);
        }
        if (!group.isEmpty()) {
            groups.add(group(group, path, budget));
        }
        return new Sequence(groups);
    }

    private static Value group(List<Value> items, AttributePath path, Budget budget) {
        return new Tuple(new Group(path.get(items.getFirst(), budget), items));
    }
}
