package dev.luthier.core.jinja.filter;

import dev.luthier.core.jinja.value.Arguments;
import dev.luthier.core.jinja.value.Arguments.Bound;
import dev.luthier.core.jinja.value.Arithmetic;
import dev.luthier.core.jinja.value.Budget;
import dev.luthier.core.jinja.value.Dict;
import dev.luthier.core.jinja.value.Markup;
import dev.luthier.core.jinja.value.Operator;
import dev.luthier.core.jinja.value.Printing;
import dev.luthier.core.jinja.value.StringMethods;
import dev.luthier.core.jinja.value.StringSearch;
import dev.luthier.core.jinja.value.TemplateFault;
import dev.luthier.core.jinja.value.TextBuilder;
import dev.luthier.core.jinja.value.Types;
import dev.luthier.core.jinja.value.Value;
import dev.luthier.core.jinja.value.Value.Bool;
import dev.luthier.core.jinja.value.Value.Int;
import dev.luthier.core.jinja.value.Value.Str;
import dev.luthier.core.jinja.value.Value.Tuple;
import dev.luthier.core.jinja.value.Value.Undefined;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Filters that make text. */
final class TextFilters {
    private static final Pattern WORD = Pattern.compile("\\w+", Pattern.UNICODE_CHARACTER_CLASS);
    private static final Pattern WORD_GAP = Pattern.compile("[-\\s({\\[<]+", Pattern.UNICODE_CHARACTER_CLASS);
    /** Jinja's policy: a text that is longer by no more than this is not truncated. */
    private static final int TRUNCATE_LEEWAY = 5;

    private TextFilters() {}

    static void addTo(Map<String, Filters.Filter> filters) {
        filters.put("upper", (input, arguments, budget) -> method("upper", input, arguments, budget));
        filters.put("lower", (input, arguments, budget) -> method("lower", input, arguments, budget));
        filters.put("capitalize", (input, arguments, budget) -> method("capitalize", input, arguments, budget));
        filters.put("title", TextFilters::title);
        filters.put("trim", (input, arguments, budget) -> {
            Bound bound = arguments.bind("trim", "chars");
            String text = text(input, budget);
            budget.text(text.length());
            return new Str(StringMethods.strip(text, bound, 0, true, true), isMarkup(input));
        });
        filters.put("center", (input, arguments, budget) -> {
            int width = arguments.bind("center", "width").integer(0, 80);
            return method("center", input, Arguments.of(Int.of(width)), budget);
        });
        filters.put("string", (input, arguments, budget) -> {
            arguments.bind("string");
            return input instanceof Str ? input : new Str(text(input, budget));
        });
        filters.put("replace", TextFilters::replace);
        filters.put("join", TextFilters::join);
        filters.put("indent", TextFilters::indent);
        filters.put("truncate", TextFilters::truncate);
        filters.put("wordcount", (input, arguments, budget) -> {
            arguments.bind("wordcount");
            return Int.of(WORD.matcher(text(input, budget)).results().count());
        });
        filters.put("wordwrap",
                (input, arguments, budget) -> WordWrap.filter(string(input, "wordwrap"), arguments, budget));
        filters.put("striptags", (input, arguments, budget) -> {
            arguments.bind("striptags");
            return new Str(StripTags.strip(text(input, budget)));
        });
        filters.put("format", TextFilters::format);
        filters.put("escape", TextFilters::escape);
        filters.put("e", TextFilters::escape);
        filters.put("forceescape", (input, arguments, budget) -> {
            arguments.bind("forceescape");
            return new Str(Markup.escape(text(input, budget)), true);
        });
        filters.put("safe", (input, arguments, budget) -> {
            arguments.bind("safe");
            return new Str(text(input, budget), true);
        });
    }

    private static String text(Value value, Budget budget) {
        String text = Printing.str(value, budget);
        budget.text(text.length());
        return text;
    }

    private static Value method(String name, Value input, Arguments arguments, Budget budget) {
        StringMethods.Method method = StringMethods.find(name);
        if (method == null) {
            throw new IllegalStateException("no string method " + name);
        }
        Value result = method.call(text(input, budget), arguments, budget);
        return isMarkup(input) && result instanceof Str(String text, boolean safe) ? new Str(text, true) : result;
    }

    private static boolean isMarkup(Value input) {
        return input instanceof Str(String text, boolean safe) && safe;
    }

    private static Value title(Value input, Arguments arguments, Budget budget) {
        arguments.bind("title");
        String text = text(input, budget);
        StringBuilder titled = new StringBuilder(text.length());
        Matcher gaps = WORD_GAP.matcher(text);
        int from = 0;
        while (gaps.find()) {
            word(text.substring(from, gaps.start()), titled);
            titled.append(gaps.group());
            from = gaps.end();
        }
        word(text.substring(from), titled);
        return new Str(titled.toString());
    }

    private static void word(String word, StringBuilder titled) {
        if (!word.isEmpty()) {
            int first = word.offsetByCodePoints(0, 1);
            titled.append(word.substring(0, first).toUpperCase(Locale.ROOT))
                    .append(word.substring(first).toLowerCase(Locale.ROOT));
        }
    }

    private static Value replace(Value input, Arguments arguments, Budget budget) {
        Bound bound = arguments.bind("replace", "old", "new", "count");
        int count = bound.has(2) ? bound.integer(2, -1) : -1;
        return new Str(StringSearch.replace(text(input, budget), text(bound.required(0), budget),
                text(bound.required(1), budget), count, budget));
    }

    private static Value join(Value input, Arguments arguments, Budget budget) {
        Bound bound = arguments.bind("join", "d", "attribute");
        String separator = text(bound.get(0, new Str("")), budget);
        AttributePath path = bound.has(1) ? AttributePath.of(bound.required(1)) : AttributePath.NONE;
        Iterator<Value> items = Types.iterate(input, budget);
        TextBuilder joined = new TextBuilder(budget);
        for (boolean first = true; items.hasNext(); first = false) {
            joined.append(first ? "" : separator)
                    .append(text(path.get(items.next(), budget), budget));
        }
        return new Str(joined.toString());
    }

    private static Value indent(Value input, Arguments arguments, Budget budget) {
        Bound bound = arguments.bind("indent", "width", "first", "blank");
        String text = string(input, "indent");
        String indention = bound.get(0, Int.of(4)) instanceof Str(String given, boolean safe)
                ? given
                : new TextBuilder(budget).repeat(" ", bound.integer(0, 4)).toString();
        boolean blank = Types.truth(bound.get(2, Bool.FALSE));
        TextBuilder indented = new TextBuilder(budget);
        indented.append(Types.truth(bound.get(1, Bool.FALSE)) ? indention : "");
        boolean first = true;
        for (String line : StringSearch.lines(text + "\n", false)) {
            indented.append(first ? "" : "\n").append(!first && (blank || !line.isEmpty()) ? indention : "")
                    .append(line);
            first = false;
        }
        return new Str(indented.toString(), isMarkup(input));
    }

    private static Value truncate(Value input, Arguments arguments, Budget budget) {
        Bound bound = arguments.bind("truncate", "length", "killwords", "end", "leeway");
        int length = bound.integer(0, 255);
        String end = bound.text(2, "...");
        int leeway = bound.has(3) ? bound.integer(3, 0) : TRUNCATE_LEEWAY;
        int kept = length - end.codePointCount(0, end.length());
        if (kept < 0 || leeway < 0) {
            throw TemplateFault.of("truncate needs a length of at least that of its end, and no negative leeway.");
        }
        int inputLength = Types.length(input);
        if (inputLength >= 0 && inputLength <= (long) length + leeway) {
            return input;
        }
        int[] points = string(input, "truncate").codePoints().toArray();
        String cut = new String(points, 0, kept);
        int space = cut.lastIndexOf(' ');
        boolean killWords = Types.truth(bound.get(1, Bool.FALSE));
        return new Str((killWords || space < 0 ? cut : cut.substring(0, space)) + end);
    }

    private static Value format(Value input, Arguments arguments, Budget budget) {
        if (!arguments.positional().isEmpty() && !arguments.named().isEmpty()) {
            throw TemplateFault.of("format takes positional or named arguments, not both.");
        }
        Value values = arguments.named().isEmpty() ? new Tuple(arguments.positional()) : Dict.of(arguments.named());
        Value format = new Str(text(input, budget), isMarkup(input));
        return Arithmetic.apply(Operator.MODULO, format, values, budget);
    }

    private static Value escape(Value input, Arguments arguments, Budget budget) {
        arguments.bind("escape");
        return input instanceof Str(String text, boolean safe) && safe
                ? input
                : new Str(Markup.escape(text(input, budget)), true);
    }

    private static String string(Value input, String filter) {
        if (input instanceof Undefined(String message)) {
            throw TemplateFault.of(message + ".");
        }
        return StringMethods.string(input, filter);
    }

    /** Lower case for strings, everything else as it is: how filters compare without case. */
    static Value ignoreCase(Value value) {
        return value instanceof Str(String text, boolean safe) ? new Str(text.toLowerCase(Locale.ROOT)) : value;
    }

    /** The names that a dotted or comma-separated attribute argument holds. */
    static List<String> split(String names, String separator) {
        return List.of(names.split(Pattern.quote(separator), -1));
    }
}
