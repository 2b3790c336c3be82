package dev.luthier.core.jinja.value;

import dev.luthier.core.jinja.value.Value.Bool;
import dev.luthier.core.jinja.value.Value.Function;
import dev.luthier.core.jinja.value.Value.Instance;
import dev.luthier.core.jinja.value.Value.Int;
import dev.luthier.core.jinja.value.Value.Namespace;
import dev.luthier.core.jinja.value.Value.None;
import dev.luthier.core.jinja.value.Value.Range;
import dev.luthier.core.jinja.value.Value.Real;
import dev.luthier.core.jinja.value.Value.Sequence;
import dev.luthier.core.jinja.value.Value.Str;
import dev.luthier.core.jinja.value.Value.Stream;
import dev.luthier.core.jinja.value.Value.Tuple;
import dev.luthier.core.jinja.value.Value.Undefined;
import dev.luthier.core.jinja.value.Value.View;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.stream.LongStream;

/** What Python's types have in common: name, truth, length, iteration. */
public final class Types {
    private Types() {}

    /** Python's name of the type, as messages give it. */
    public static String name(Value value) {
        return switch (value) {
            case None none -> "None";
            case Bool bool -> "bool";
            case Int number -> "int";
            case Real number -> "float";
            case Str text -> "str";
            case Sequence list -> "list";
            case Tuple tuple -> "tuple";
            case Range range -> "range";
            case View view -> view.name();
            case Stream stream -> stream.name();
            case Undefined undefined -> "Undefined";
            case Function function -> "function";
            case Namespace namespace -> "Namespace";
            case Instance instance -> instance.describe();
            case Dict dict -> "dict";
        };
    }

    public static boolean truth(Value value) {
        return switch (value) {
            case None none -> false;
            case Bool bool -> bool == Bool.TRUE;
            case Int(var number) -> number.signum() != 0;
            case Real(double number) -> number != 0;
            case Str(String text, boolean safe) -> !text.isEmpty();
            case Sequence(List<Value> items) -> !items.isEmpty();
            case Tuple(List<Value> items) -> !items.isEmpty();
            case Range range -> range.length() > 0;
            case View(String name, List<Value> items) -> !items.isEmpty();
            case Dict dict -> dict.size() > 0;
            case Undefined undefined -> false;
            case Loop loop -> loop.length() > 0;
            case Stream stream -> true;
            case Function function -> true;
            case Namespace namespace -> true;
            case Instance instance -> true;
        };
    }

    /** Whether both are the same object. */
    @SuppressWarnings("ReferenceEquality") // Python's `is`
    public static boolean identical(Object left, Object right) {
        return left == right;
    }

    /** Python's {@code len}; -1 for what has none. */
    public static int length(Value value) {
        return switch (value) {
            case Str(String text, boolean safe) -> text.codePointCount(0, text.length());
            case Sequence(List<Value> items) -> items.size();
            case Tuple(List<Value> items) -> items.size();
            case Range range -> Math.toIntExact(range.length());
            case View(String name, List<Value> items) -> items.size();
            case Dict dict -> dict.size();
            case Undefined undefined -> 0;
            case Loop loop -> loop.length();
            case None none -> -1;
            case Bool bool -> -1;
            case Int number -> -1;
            case Real number -> -1;
            case Stream stream -> -1;
            case Function function -> -1;
            case Namespace namespace -> -1;
            case Instance instance -> -1;
        };
    }

    public static boolean isIterable(Value value) {
        return length(value) >= 0 || value instanceof Stream;
    }

    /** The elements, one by one, each a step: characters of a string, keys of a dict. Uses up a stream. */
    public static Iterator<Value> iterate(Value value, Budget budget) {
        return new Charged(elements(value, budget), budget);
    }

    private static Iterator<Value> elements(Value value, Budget budget) {
        return switch (value) {
            case Str(String text, boolean safe) ->
                text.codePoints().<Value>mapToObj(point -> new Str(Character.toString(point))).iterator();
            case Sequence(List<Value> items) -> items.iterator();
            case Tuple(List<Value> items) -> items.iterator();
            case Range range -> LongStream.range(0, range.length()).mapToObj(range::at).iterator();
            case View(String name, List<Value> items) -> items.iterator();
            case Dict dict -> {
                budget.steps(dict.size());
                yield dict.keys().iterator();
            }
            case Undefined undefined -> Collections.emptyIterator();
            case Stream(String name, Iterator<Value> items) -> items;
            case None none -> throw notIterable(value);
            case Bool bool -> throw notIterable(value);
            case Int number -> throw notIterable(value);
            case Real number -> throw notIterable(value);
            case Function function -> throw notIterable(value);
            case Namespace namespace -> throw notIterable(value);
            case Instance instance -> throw notIterable(value);
        };
    }

    /** The elements as a list; the budget is charged before it grows beyond its bounds. */
    public static List<Value> list(Value value, Budget budget) {
        if (value instanceof Sequence(List<Value> items)) {
            budget.steps(items.size());
            return items;
        }
        List<Value> list = new ArrayList<>();
        Iterator<Value> items = iterate(value, budget);
        while (items.hasNext()) {
            list.add(items.next());
            if (list.size() % 1024 == 0) {
                budget.items(list.size());
            }
        }
        return list;
    }

    private static TemplateFault notIterable(Value value) {
        return TemplateFault.of("A value of type " + name(value) + " cannot be iterated over.");
    }

    /** An iterator whose every element is a step. */
    private record Charged(Iterator<Value> items, Budget budget) implements Iterator<Value> {
        @Override
        public boolean hasNext() {
            return items.hasNext();
        }

        @Override
        public Value next() {
            budget.step();
            return items.next();
        }
    }
}
