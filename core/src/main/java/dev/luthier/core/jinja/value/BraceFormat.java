package dev.luthier.core.jinja.value;

import dev.luthier.core.jinja.value.Value.Int;
import dev.luthier.core.jinja.value.Value.Str;
import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Python's {@code str.format}: fields with attributes, elements, conversions and format specifications. */
final class BraceFormat {
    private final String format;
    private final Arguments arguments;
    private final Budget budget;
    private int position;
    private int automatic;

    private BraceFormat(String format, Arguments arguments, Budget budget) {
        this.format = format;
        this.arguments = arguments;
        this.budget = budget;
    }

    static Value format(String self, Arguments arguments, Budget budget) {
        return new Str(new BraceFormat(self, arguments, budget).run());
    }

    /** The fields are keys of a mapping. */
    static Value formatMap(String self, Arguments arguments, Budget budget) {
        Value mapping = arguments.bind("format_map", "/mapping").required(0);
        if (!(mapping instanceof Dict dict)) {
            throw TemplateFault.of("format_map needs a mapping, not " + Types.name(mapping) + ".");
        }
        Map<String, Value> named = new LinkedHashMap<>();
        dict.entries().forEach(entry -> named.put(Printing.str(entry.getKey(), budget), entry.getValue()));
        return format(self, new Arguments(List.of(), named), budget);
    }

    private String run() {
        TextBuilder out = new TextBuilder(budget);
        while (position < format.length()) {
            char c = format.charAt(position++);
            if (c != '{' && c != '}') {
                int end = position;
                while (end < format.length() && format.charAt(end) != '{' && format.charAt(end) != '}') {
                    end++;
                }
                out.append(format.substring(position - 1, end));
                position = end;
            } else if (position < format.length() && format.charAt(position) == c) {
                out.append(String.valueOf(c));
                position++;
            } else if (c == '{') {
                out.append(field());
            } else {
                throw TemplateFault.of("The format '" + format + "' has a single '}'.");
            }
        }
        return out.toString();
    }

    private String field() {
        int end = format.indexOf('}', position);
        if (end < 0) {
            throw TemplateFault.of("The format '" + format + "' has a '{' that is not closed.");
        }
        String field = format.substring(position, end);
        if (field.indexOf('{') >= 0) {
            throw TemplateFault.of("Nested fields in formats are not supported.");
        }
        position = end + 1;
        int colon = field.indexOf(':');
        String specification = colon < 0 ? "" : field.substring(colon + 1);
        String name = colon < 0 ? field : field.substring(0, colon);
        int mark = name.indexOf('!');
        Value value = value(mark < 0 ? name : name.substring(0, mark));
        if (mark >= 0) {
            value = switch (name.substring(mark + 1)) {
                case "s" -> new Str(Printing.str(value, budget));
                case "r" -> new Str(Printing.repr(value, budget));
                default -> throw TemplateFault.of("The conversion '" + name.substring(mark) + "' is not supported.");
            };
        }
        return FormatSpecification.of(specification).apply(value, budget);
    }

    private Value value(String path) {
        int end = 0;
        while (end < path.length() && path.charAt(end) != '.' && path.charAt(end) != '[') {
            end++;
        }
        Value value = argument(path.substring(0, end));
        while (end < path.length()) {
            boolean attribute = path.charAt(end) == '.';
            int start = end + 1;
            int close = start;
            while (close < path.length() && (attribute
                    ? path.charAt(close) != '.' && path.charAt(close) != '['
                    : path.charAt(close) != ']')) {
                close++;
            }
            String key = path.substring(start, close);
            if (key.isEmpty() || (!attribute && close == path.length())) {
                throw TemplateFault.of("The format field '" + path + "' is not valid.");
            }
            value = attribute
                    ? Subscript.attribute(value, key, budget)
                    : Subscript.item(value, isNumber(key) ? new Int(new BigInteger(key)) : new Str(key), budget);
            end = attribute ? close : close + 1;
        }
        return value;
    }

    private Value argument(String name) {
        boolean numbered = name.isEmpty() || isNumber(name);
        if (!numbered) {
            Value value = arguments.named().get(name);
            if (value == null) {
                throw TemplateFault.of("The format has no value for '" + name + "'.");
            }
            return value;
        }
        int index = name.isEmpty() ? automatic++ : name.length() > 6 ? Integer.MAX_VALUE : Integer.parseInt(name);
        if (index >= arguments.positional().size()) {
            throw TemplateFault.of("The format needs more arguments than it gets.");
        }
        return arguments.positional().get(index);
    }

    private static boolean isNumber(String text) {
        return !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }
}
