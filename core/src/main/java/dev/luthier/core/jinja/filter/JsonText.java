package dev.luthier.core.jinja.filter;

import dev.luthier.core.jinja.value.Arguments;
import dev.luthier.core.jinja.value.Arguments.Bound;
import dev.luthier.core.jinja.value.Budget;
import dev.luthier.core.jinja.value.Comparison;
import dev.luthier.core.jinja.value.Dict;
import dev.luthier.core.jinja.value.Limits;
import dev.luthier.core.jinja.value.Printing;
import dev.luthier.core.jinja.value.TemplateFault;
import dev.luthier.core.jinja.value.TextBuilder;
import dev.luthier.core.jinja.value.Types;
import dev.luthier.core.jinja.value.Value;
import dev.luthier.core.jinja.value.Value.Bool;
import dev.luthier.core.jinja.value.Value.Int;
import dev.luthier.core.jinja.value.Value.None;
import dev.luthier.core.jinja.value.Value.Real;
import dev.luthier.core.jinja.value.Value.Sequence;
import dev.luthier.core.jinja.value.Value.Str;
import dev.luthier.core.jinja.value.Value.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** JSON as templates write it: the filter {@code tojson} as transformers defines it: Python's {@code json.dumps} without HTML escapes. */
public final class JsonText {
    private static final int MAX_INDENT = 1000;

    private final boolean ascii;
    private final @Nullable String indent;
    private final String itemSeparator;
    private final String keySeparator;
    private final boolean sorted;
    private final Budget budget;
    private final TextBuilder out;

    private JsonText(Bound bound, Budget budget) {
        this.ascii = Types.truth(bound.get(0, Bool.FALSE));
        this.indent = indent(bound);
        List<String> separators = separators(bound);
        this.itemSeparator = separators.get(0);
        this.keySeparator = separators.get(1);
        this.sorted = Types.truth(bound.get(3, Bool.FALSE));
        this.budget = budget;
        this.out = new TextBuilder(budget);
    }

    /** A value as {@code json.dumps(value, ensure_ascii=False)} of Python writes it. */
    public static String of(Value value) {
        JsonText json = new JsonText(Arguments.of().bind("tojson", "ensure_ascii", "indent", "separators", "sort_keys"),
                new Budget(Limits.DEFAULT));
        json.write(value, 0);
        return json.out.toString();
    }

    static Value filter(Value input, Arguments arguments, Budget budget) {
        JsonText json = new JsonText(arguments.bind("tojson", "ensure_ascii", "indent", "separators", "sort_keys"),
                budget);
        json.write(input, 0);
        return new Str(json.out.toString());
    }

    private static @Nullable String indent(Bound bound) {
        if (!bound.has(1)) {
            return null;
        }
        if (bound.get(1) instanceof Str(String text, boolean safe)) {
            return text;
        }
        int width = bound.integer(1, 0);
        if (width > MAX_INDENT) {
            throw TemplateFault.limit("tojson got an indent beyond " + MAX_INDENT + ".");
        }
        return " ".repeat(Math.max(0, width));
    }

    private List<String> separators(Bound bound) {
        if (!bound.has(2)) {
            return List.of(indent == null ? ", " : ",", ": ");
        }
        List<Value> pair = switch (bound.get(2)) {
            case Tuple(List<Value> items) -> items;
            case Sequence(List<Value> items) -> items;
            case null, default -> List.of();
        };
        if (pair.size() == 2 && pair.get(0) instanceof Str(String item, boolean safe)
                && pair.get(1) instanceof Str(String key, boolean alsoSafe)) {
            return List.of(item, key);
        }
        throw TemplateFault.of("tojson needs two strings as separators.");
    }

    private void write(Value value, int level) {
        budget.enter();
        switch (value) {
            case None none -> out.append("null");
            case Bool bool -> out.append(bool == Bool.TRUE ? "true" : "false");
            case Int(var number) -> out.append(number.toString());
            case Real(double number) -> out.append(real(number));
            case Str(String text, boolean safe) -> out.append(quoted(text));
            case Sequence(List<Value> items) -> array(items, level);
            case Tuple(List<Value> items) -> array(items, level);
            case Dict dict -> object(dict, level);
            default -> throw TemplateFault.of("A value of type " + Types.name(value) + " is not JSON.");
        }
        budget.leave();
    }

    private static String real(double number) {
        return Double.isNaN(number)
                ? "NaN"
                : Double.isInfinite(number) ? (number > 0 ? "Infinity" : "-Infinity") : Printing.real(number);
    }

    private void array(List<Value> items, int level) {
        String separator = "[";
        for (Value item : items) {
            out.append(separator);
            newLine(level + 1);
            write(item, level + 1);
            separator = itemSeparator;
        }
        close(items.isEmpty(), "[", "]", level);
    }

    private void object(Dict dict, int level) {
        List<Map.Entry<Value, Value>> entries = new ArrayList<>(dict.entries());
        if (sorted) {
            entries.sort((a, b) -> Comparison.order(a.getKey(), b.getKey(), "<", budget));
        }
        String separator = "{";
        for (Map.Entry<Value, Value> entry : entries) {
            out.append(separator);
            newLine(level + 1);
            out.append(quoted(key(entry.getKey()))).append(keySeparator);
            write(entry.getValue(), level + 1);
            separator = itemSeparator;
        }
        close(entries.isEmpty(), "{", "}", level);
    }

    private void close(boolean empty, String open, String close, int level) {
        if (empty) {
            out.append(open);
        } else {
            newLine(level);
        }
        out.append(close);
    }

    private void newLine(int level) {
        if (indent != null) {
            out.append("\n").repeat(indent, level);
        }
    }

    private static String key(Value key) {
        return switch (key) {
            case Str(String text, boolean safe) -> text;
            case Int(var number) -> number.toString();
            case Real(double number) -> real(number);
            case Bool bool -> bool == Bool.TRUE ? "true" : "false";
            case None none -> "null";
            default -> throw TemplateFault.of("A key of type " + Types.name(key) + " is not JSON.");
        };
    }

    private String quoted(String text) {
        StringBuilder quoted = new StringBuilder(text.length() + 2).append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> quoted.append("\\\"");
                case '\\' -> quoted.append("\\\\");
                case '\n' -> quoted.append("\\n");
                case '\r' -> quoted.append("\\r");
                case '\t' -> quoted.append("\\t");
                case '\f' -> quoted.append("\\f");
                case '\b' -> quoted.append("\\b");
                default -> {
                    if (c < 0x20 || (ascii && c > 0x7e)) {
                        quoted.append(String.format("\\u%04x", (int) c));
                    } else {
                        quoted.append(c);
                    }
                }
            }
        }
        return quoted.append('"').toString();
    }
}
