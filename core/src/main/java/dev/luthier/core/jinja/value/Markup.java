package dev.luthier.core.jinja.value;

import dev.luthier.core.jinja.value.Value.Int;
import dev.luthier.core.jinja.value.Value.Real;
import dev.luthier.core.jinja.value.Value.Sequence;
import dev.luthier.core.jinja.value.Value.Str;
import dev.luthier.core.jinja.value.Value.Tuple;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * HTML escaping as the filter {@code escape} does it, and strings that are markup: what they are joined with is escaped,
 * and their methods give markup. Chat templates are rendered without automatic escaping.
 */
public final class Markup {
    private Markup() {}

    public static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("'", "&#39;")
                .replace("\"", "&#34;");
    }

    /** A method of a string that is markup. */
    static Value call(String self, String name, StringMethods.Method method, Arguments arguments, Budget budget) {
        List<Value> positional = new ArrayList<>(arguments.positional());
        Map<String, Value> named = new LinkedHashMap<>(arguments.named());
        switch (name) {
            case "replace" -> {
                if (positional.size() > 1) {
                    positional.set(1, escaped(positional.get(1), budget));
                }
            }
            case "join" -> positional.replaceAll(list -> escapedItems(list, budget));
            case "format" -> {
                positional.replaceAll(value -> escaped(value, budget));
                named.replaceAll((key, value) -> escaped(value, budget));
            }
            default -> {
            }
        }
        return marked(method.call(self, new Arguments(positional, named), budget));
    }

    /** What goes into a format that is markup: numbers as they are, all else as escaped text. */
    static Value escapedArguments(Value values, Budget budget) {
        return switch (values) {
            case Tuple(List<Value> items) -> new Tuple(items.stream().map(item -> escaped(item, budget)).toList());
            case Dict dict -> {
                Dict entries = new Dict();
                dict.entries().forEach(entry -> entries.put(entry.getKey(), escaped(entry.getValue(), budget)));
                yield entries;
            }
            case Sequence list -> list;
            default -> escaped(values, budget);
        };
    }

    private static Value escapedItems(Value list, Budget budget) {
        List<Value> items = new ArrayList<>();
        for (Iterator<Value> all = Types.iterate(list, budget); all.hasNext();) {
            items.add(new Str(Printing.str(escaped(all.next(), budget), budget)));
        }
        return new Sequence(items);
    }

    private static Value escaped(Value value, Budget budget) {
        return switch (value) {
            case Str text when text.safe() -> text;
            case Int number -> number;
            case Real number -> number;
            case Value.Undefined undefined -> undefined;
            default -> {
                String text = escape(Printing.str(value, budget));
                budget.text(text.length());
                yield new Str(text, true);
            }
        };
    }

    private static Value marked(Value result) {
        return switch (result) {
            case Str(String text, boolean safe) -> new Str(text, true);
            case Sequence(List<Value> items) -> new Sequence(items.stream().map(Markup::marked).toList());
            case Tuple(List<Value> items) -> new Tuple(items.stream().map(Markup::marked).toList());
            default -> result;
        };
    }
}
