package dev.luthier.core.jinja.filter;

import dev.luthier.core.jinja.value.Arguments;
import dev.luthier.core.jinja.value.Arguments.Bound;
import dev.luthier.core.jinja.value.Arithmetic;
import dev.luthier.core.jinja.value.Budget;
import dev.luthier.core.jinja.value.Dict;
import dev.luthier.core.jinja.value.Methods;
import dev.luthier.core.jinja.value.Operator;
import dev.luthier.core.jinja.value.Subscript;
import dev.luthier.core.jinja.value.TemplateFault;
import dev.luthier.core.jinja.value.Types;
import dev.luthier.core.jinja.value.Value;
import dev.luthier.core.jinja.value.Value.Bool;
import dev.luthier.core.jinja.value.Value.Int;
import dev.luthier.core.jinja.value.Value.None;
import dev.luthier.core.jinja.value.Value.Sequence;
import dev.luthier.core.jinja.value.Value.Str;
import dev.luthier.core.jinja.value.Value.Stream;
import dev.luthier.core.jinja.value.Value.Undefined;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** Filters on lists and mappings as a whole, and {@code default}. */
final class ListFilters {
    private ListFilters() {}

    static void addTo(Map<String, Filters.Filter> filters) {
        filters.put("length", ListFilters::length);
        filters.put("count", ListFilters::length);
        filters.put("list", (input, arguments, budget) -> {
            arguments.bind("list");
            return new Sequence(Types.list(input, budget));
        });
        filters.put("first", ListFilters::first);
        filters.put("last", ListFilters::last);
        filters.put("reverse", ListFilters::reverse);
        filters.put("items", ListFilters::items);
        filters.put("sum", ListFilters::sum);
        filters.put("batch", ListFilters::batch);
        filters.put("slice", ListFilters::slice);
        filters.put("default", ListFilters::defaultValue);
        filters.put("d", ListFilters::defaultValue);
        filters.put("attr", ListFilters::attribute);
    }

    private static Value length(Value input, Arguments arguments, Budget budget) {
        arguments.bind("length");
        budget.steps(input instanceof Str(String text, boolean safe) ? text.length() / 16 : 1);
        int length = Types.length(input);
        if (length < 0) {
            throw TemplateFault.of("A value of type " + Types.name(input) + " has no length.");
        }
        return Int.of(length);
    }

    private static Value first(Value input, Arguments arguments, Budget budget) {
        arguments.bind("first");
        Iterator<Value> items = Types.iterate(input, budget);
        return items.hasNext() ? items.next() : new Undefined("No first item, sequence was empty");
    }

    private static Value last(Value input, Arguments arguments, Budget budget) {
        arguments.bind("last");
        if (input instanceof Stream) {
            throw TemplateFault.of("last needs a list, not " + Types.name(input) + ".");
        }
        List<Value> items = Types.list(input, budget);
        return items.isEmpty() ? new Undefined("No last item, sequence was empty") : items.getLast();
    }

    private static Value reverse(Value input, Arguments arguments, Budget budget) {
        arguments.bind("reverse");
        if (input instanceof Str(String text, boolean safe)) {
            int[] points = text.codePoints().toArray();
            StringBuilder reversed = new StringBuilder(text.length());
            for (int i = points.length - 1; i >= 0; i--) {
                reversed.appendCodePoint(points[i]);
            }
            return new Str(reversed.toString(), safe);
        }
        List<Value> items = new ArrayList<>(Types.list(input, budget));
        Collections.reverse(items);
        return input instanceof Stream ? new Sequence(items) : new Stream("list_reverseiterator", items.iterator());
    }

    private static Value items(Value input, Arguments arguments, Budget budget) {
        arguments.bind("items");
        return switch (input) {
            case Dict dict -> new Stream("generator", dict.items().iterator());
            case Undefined undefined -> new Stream("generator", Collections.emptyIterator());
            default -> throw TemplateFault.of("items needs a mapping, not " + Types.name(input) + ".");
        };
    }

    private static Value sum(Value input, Arguments arguments, Budget budget) {
        Bound bound = arguments.bind("sum", "attribute", "start");
        AttributePath path = bound.has(0) ? AttributePath.of(bound.required(0)) : AttributePath.NONE;
        Value sum = bound.get(1, Int.of(0));
        if (sum instanceof Str) {
            throw TemplateFault.of("sum cannot add strings; use join.");
        }
        Iterator<Value> items = Types.iterate(input, budget);
        while (items.hasNext()) {
            Value item = path.get(items.next(), budget);
            sum = Arithmetic.apply(Operator.ADD, sum, item, budget);
        }
        return sum;
    }

    private static Value batch(Value input, Arguments arguments, Budget budget) {
        Bound bound = arguments.bind("batch", "linecount", "fill_with");
        bound.required(0);
        int size = bound.integer(0, 0);
        List<Value> lines = new ArrayList<>();
        List<Value> line = new ArrayList<>();
        for (Value item : Types.list(input, budget)) {
            if (line.size() == size) {
                lines.add(new Sequence(line));
                line = new ArrayList<>();
            }
            line.add(item);
        }
        if (!line.isEmpty()) {
            if (bound.has(1)) {
                budget.items(size);
                fill(line, size, bound.required(1));
            }
            lines.add(new Sequence(line));
        }
        return new Stream("generator", lines.iterator());
    }

    private static void fill(List<Value> line, int size, Value with) {
        while (line.size() < size) {
            line.add(with);
        }
    }

    private static Value slice(Value input, Arguments arguments, Budget budget) {
        Bound bound = arguments.bind("slice", "slices", "fill_with");
        bound.required(0);
        int count = bound.integer(0, 0);
        if (count == 0) {
            throw TemplateFault.of("slice needs a number other than zero.");
        }
        budget.items(count);
        List<Value> items = Types.list(input, budget);
        int size = items.size() / Math.abs(count);
        int longer = items.size() % Math.abs(count);
        List<Value> slices = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < count; i++) {
            int to = from + size + (i < longer ? 1 : 0);
            List<Value> slice = new ArrayList<>(items.subList(from, to));
            if (bound.has(1) && i >= longer) {
                slice.add(bound.required(1));
            }
            slices.add(new Sequence(slice));
            from = to;
        }
        return new Stream("generator", slices.iterator());
    }

    private static Value defaultValue(Value input, Arguments arguments, Budget budget) {
        Bound bound = arguments.bind("default", "default_value", "boolean");
        boolean replaceFalse = Types.truth(bound.get(1, Bool.FALSE));
        return input instanceof Undefined || (replaceFalse && !Types.truth(input)) ? bound.get(0, new Str("")) : input;
    }

    private static Value attribute(Value input, Arguments arguments, Budget budget) {
        String name = arguments.bind("attr", "name").text(0);
        Value item = input instanceof Dict
                ? Methods.find(input, name, budget)
                : Subscript.attribute(input, name, budget);
        return item == null ? new Undefined("'" + Types.name(input) + "' has no attribute '" + name + "'") : item;
    }

    /** None and undefined inputs of lazy filters are empty, as Jinja's {@code if value} makes them. */
    static Iterator<Value> iterateOrEmpty(Value input, Budget budget) {
        return input == None.NONE || !Types.truth(input) ? Collections.emptyIterator() : Types.iterate(input, budget);
    }
}
