package dev.luthier.core.jinja.value;

import dev.luthier.core.jinja.value.Arguments.Bound;
import dev.luthier.core.jinja.value.Value.Bool;
import dev.luthier.core.jinja.value.Value.Int;
import dev.luthier.core.jinja.value.Value.Sequence;
import dev.luthier.core.jinja.value.Value.Str;
import dev.luthier.core.jinja.value.Value.Tuple;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** Methods of Python's {@code str} that look for a part: find, count, replace, split, join and their kin. */
public final class StringSearch {
    private StringSearch() {}

    static void addTo(Map<String, StringMethods.Method> methods) {
        methods.put("startswith", (self, arguments, budget) -> affix("startswith", self, arguments, budget));
        methods.put("endswith", (self, arguments, budget) -> affix("endswith", self, arguments, budget));
        for (String name : List.of("find", "rfind", "index", "rindex")) {
            methods.put(name, (self, arguments, budget) -> find(name, self, arguments, budget));
        }
        methods.put("count", StringSearch::count);
        methods.put("replace", (self, arguments, budget) -> {
            Bound bound = arguments.bind("replace", "/old", "/new", "/count");
            return new Str(replace(self, bound.text(0), bound.text(1), bound.integer(2, -1), budget));
        });
        methods.put("removeprefix", (self, arguments, budget) -> {
            String prefix = arguments.bind("removeprefix", "/prefix").text(0);
            return new Str(self.startsWith(prefix) ? self.substring(prefix.length()) : self);
        });
        methods.put("removesuffix", (self, arguments, budget) -> {
            String suffix = arguments.bind("removesuffix", "/suffix").text(0);
            return new Str(self.endsWith(suffix) ? self.substring(0, self.length() - suffix.length()) : self);
        });
        methods.put("join", StringSearch::join);
        methods.put("split", (self, arguments, budget) -> split("split", self, arguments, budget));
        methods.put("rsplit", (self, arguments, budget) -> split("rsplit", self, arguments, budget));
        methods.put("splitlines", StringSearch::splitLines);
        methods.put("partition", (self, arguments, budget) -> partition(self, false, arguments));
        methods.put("rpartition", (self, arguments, budget) -> partition(self, true, arguments));
    }

    private static Value affix(String name, String self, Arguments arguments, Budget budget) {
        Bound bound = arguments.bind(name, "/affix", "/start", "/end");
        Window window = Window.of(self, bound, budget);
        List<Value> affixes = bound.required(0) instanceof Tuple(List<Value> items)
                ? items
                : List.of(bound.required(0));
        for (Value item : affixes) {
            String affix = StringMethods.string(item, name);
            if (window.valid() && (name.equals("startswith")
                    ? window.text().startsWith(affix)
                    : window.text().endsWith(affix))) {
                return Bool.TRUE;
            }
        }
        return Bool.FALSE;
    }

    private static Value find(String name, String self, Arguments arguments, Budget budget) {
        Bound bound = arguments.bind(name, "/part", "/start", "/end");
        Window window = Window.of(self, bound, budget);
        String part = bound.text(0);
        int place = !window.valid()
                ? -1
                : name.startsWith("r") ? window.text().lastIndexOf(part) : window.text().indexOf(part);
        if (place < 0 && name.endsWith("index")) {
            throw TemplateFault.of("The part of " + name + " is not in the string.");
        }
        return Int.of(place < 0 ? -1 : window.start() + window.text().codePointCount(0, place));
    }

    private static Value count(String self, Arguments arguments, Budget budget) {
        Bound bound = arguments.bind("count", "/part", "/start", "/end");
        Window window = Window.of(self, bound, budget);
        return Int.of(window.valid() ? occurrences(window.text(), bound.text(0)) : 0);
    }

    private static int occurrences(String text, String part) {
        if (part.isEmpty()) {
            return text.codePointCount(0, text.length()) + 1;
        }
        int count = 0;
        for (int i = text.indexOf(part); i >= 0; i = text.indexOf(part, i + part.length())) {
            count++;
        }
        return count;
    }

    /** {@code str.replace}: at most {@code limit} times, or everywhere when it is negative. */
    public static String replace(String text, String old, String replacement, int limit, Budget budget) {
        int times = limit < 0 ? occurrences(text, old) : Math.min(limit, occurrences(text, old));
        budget.text(text.length() + (long) times * (replacement.length() - old.length()) + old.length());
        StringBuilder out = new StringBuilder();
        int from = 0;
        for (int done = 0; done < times; done++) {
            int at = old.isEmpty() ? from : text.indexOf(old, from);
            out.append(text, from, at).append(replacement);
            from = at + old.length();
            if (old.isEmpty() && from < text.length()) {
                int next = text.offsetByCodePoints(from, 1);
                out.append(text, from, next);
                from = next;
            }
        }
        return out.append(text, from, text.length()).toString();
    }

    private static Value join(String self, Arguments arguments, Budget budget) {
        Iterator<Value> items = Types.iterate(arguments.bind("join", "/iterable").required(0), budget);
        TextBuilder joined = new TextBuilder(budget);
        for (boolean first = true; items.hasNext(); first = false) {
            joined.append(first ? "" : self).append(StringMethods.string(items.next(), "join"));
        }
        return new Str(joined.toString());
    }

    private static Value split(String name, String self, Arguments arguments, Budget budget) {
        Bound bound = arguments.bind(name, "sep", "maxsplit");
        int limit = bound.integer(1, -1);
        boolean fromEnd = name.equals("rsplit");
        budget.text(self.length());
        List<String> parts;
        if (bound.has(0)) {
            String separator = bound.text(0);
            if (separator.isEmpty()) {
                throw TemplateFault.of("The separator of " + name + " is empty.");
            }
            parts = fromEnd ? splitFromEnd(self, separator, limit) : splitAt(self, separator, limit);
        } else {
            parts = fromEnd ? wordsFromEnd(self, limit) : words(self, limit);
        }
        return list(parts, budget);
    }

    private static List<String> splitAt(String text, String separator, int limit) {
        List<String> parts = new ArrayList<>();
        int from = 0;
        for (int at = text.indexOf(separator); at >= 0
                && (limit < 0 || parts.size() < limit); at = text.indexOf(separator, from)) {
            parts.add(text.substring(from, at));
            from = at + separator.length();
        }
        parts.add(text.substring(from));
        return parts;
    }

    private static List<String> splitFromEnd(String text, String separator, int limit) {
        List<String> parts = new ArrayList<>();
        int to = text.length();
        while (limit < 0 || parts.size() < limit) {
            int at = to < separator.length() ? -1 : text.lastIndexOf(separator, to - separator.length());
            if (at < 0) {
                break;
            }
            parts.add(text.substring(at + separator.length(), to));
            to = at;
        }
        parts.add(text.substring(0, to));
        Collections.reverse(parts);
        return parts;
    }

    /** What white space sets apart; at most {@code limit} times if that is not negative. */
    public static List<String> words(String text, int limit) {
        List<String> parts = new ArrayList<>();
        int from = skip(text, 0, true);
        while (from < text.length()) {
            int end = limit >= 0 && parts.size() == limit ? text.length() : skip(text, from, false);
            parts.add(text.substring(from, end));
            from = skip(text, end, true);
        }
        return parts;
    }

    /** The first offset from there on that is not, or is, white space. */
    private static int skip(String text, int from, boolean space) {
        int at = from;
        while (at < text.length() && PythonText.isSpace(text.charAt(at)) == space) {
            at++;
        }
        return at;
    }

    private static List<String> wordsFromEnd(String text, int limit) {
        List<String> parts = new ArrayList<>();
        int end = skipBack(text, text.length(), true);
        while (end > 0) {
            int from = limit >= 0 && parts.size() == limit ? 0 : skipBack(text, end, false);
            parts.add(text.substring(from, end));
            end = skipBack(text, from, true);
        }
        Collections.reverse(parts);
        return parts;
    }

    private static int skipBack(String text, int end, boolean space) {
        int at = end;
        while (at > 0 && PythonText.isSpace(text.charAt(at - 1)) == space) {
            at--;
        }
        return at;
    }

    private static Value splitLines(String self, Arguments arguments, Budget budget) {
        boolean keep = Types.truth(arguments.bind("splitlines", "keepends").get(0, Bool.FALSE));
        budget.text(self.length());
        return list(lines(self, keep), budget);
    }

    /** Lines as {@code str.splitlines} cuts them: no empty last line. */
    public static List<String> lines(String text, boolean keepEnds) {
        List<String> lines = new ArrayList<>();
        int start = 0;
        while (start < text.length()) {
            int end = start;
            while (end < text.length() && !PythonText.isLineBreak(text.charAt(end))) {
                end++;
            }
            int next = Math.min(end + (text.startsWith("\r\n", end) ? 2 : 1), text.length());
            lines.add(text.substring(start, keepEnds ? next : end));
            start = next;
        }
        return lines;
    }

    private static Value partition(String self, boolean last, Arguments arguments) {
        String separator = arguments.bind("partition", "/sep").text(0);
        if (separator.isEmpty()) {
            throw TemplateFault.of("The separator of partition is empty.");
        }
        int at = last ? self.lastIndexOf(separator) : self.indexOf(separator);
        List<String> parts = at >= 0
                ? List.of(self.substring(0, at), separator, self.substring(at + separator.length()))
                : last ? List.of("", "", self) : List.of(self, "", "");
        return new Tuple(parts.stream().<Value>map(Str::new).toList());
    }

    private static Sequence list(List<String> parts, Budget budget) {
        budget.items(parts.size());
        List<Value> items = new ArrayList<>(parts.size());
        parts.forEach(part -> items.add(new Str(part)));
        return new Sequence(items);
    }

    /**
     * The part of a string that optional arguments 1 and 2 choose, by code points.
     *
     * @param start where it starts in the string
     * @param valid false when the start lies beyond the end, and then nothing is found, not even ""
     */
    private record Window(String text, int start, boolean valid) {
        static Window of(String self, Bound bound, Budget budget) {
            budget.text(self.length());
            int length = self.codePointCount(0, self.length());
            int start = bound.has(1) ? place(bound.integer(1, 0), length) : 0;
            int end = bound.has(2) ? Math.min(place(bound.integer(2, 0), length), length) : length;
            if (start > end) {
                return new Window("", start, false);
            }
            return new Window(self.substring(self.offsetByCodePoints(0, start), self.offsetByCodePoints(0, end)),
                    start, true);
        }

        private static int place(int index, int length) {
            return index < 0 ? Math.max(0, index + length) : index;
        }
    }
}
