package dev.luthier.core.jinja.filter;

import dev.luthier.core.jinja.value.Arguments;
import dev.luthier.core.jinja.value.Arguments.Bound;
import dev.luthier.core.jinja.value.Budget;
import dev.luthier.core.jinja.value.PythonText;
import dev.luthier.core.jinja.value.StringSearch;
import dev.luthier.core.jinja.value.TemplateFault;
import dev.luthier.core.jinja.value.TextBuilder;
import dev.luthier.core.jinja.value.Types;
import dev.luthier.core.jinja.value.Value;
import dev.luthier.core.jinja.value.Value.Bool;
import dev.luthier.core.jinja.value.Value.Str;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The filter {@code wordwrap}: Python's {@code textwrap.wrap} on each line. Widths are in code points. */
final class WordWrap {
    private static final String SPACE = "[\\t\\n\\x0b\\f\\r ]";
    private static final String OTHER = "[^\\t\\n\\x0b\\f\\r ]";
    private static final String LETTER = "[\\w&&[^\\d]]";
    private static final String WORD = "[\\w!\"'&.,?]";
    /* White space; dashes between words; a word up to a hyphen between letters, a dash or its end. */
    private static final Pattern AT_HYPHENS = Pattern.compile(SPACE + "+|(?<=" + WORD + ")-{2,}(?=\\w)|" + OTHER
            + "+?(?:-(?:(?<=" + LETTER + "{2}-)|(?<=" + LETTER + "-" + WORD + "-))(?=" + LETTER + "-?" + LETTER
            + ")|(?="
            + SPACE + "|\\z)|(?<=" + WORD + ")(?=-{2,}\\w))", Pattern.UNICODE_CHARACTER_CLASS);
    private static final Pattern AT_SPACES = Pattern.compile(SPACE + "+|" + OTHER + "+");

    private final int width;
    private final boolean breakLongWords;
    private final boolean breakOnHyphens;
    private final String separator;
    private final TextBuilder out;

    private WordWrap(Bound bound, Budget budget) {
        this.width = bound.integer(0, 79);
        this.breakLongWords = Types.truth(bound.get(1, Bool.TRUE));
        this.separator = bound.text(2, "\n");
        this.breakOnHyphens = Types.truth(bound.get(3, Bool.TRUE));
        this.out = new TextBuilder(budget);
    }

    static Value filter(String text, Arguments arguments, Budget budget) {
        Bound bound = arguments.bind("wordwrap", "width", "break_long_words", "wrapstring", "break_on_hyphens");
        WordWrap wrap = new WordWrap(bound, budget);
        boolean first = true;
        for (String line : StringSearch.lines(text, false)) {
            if (!first) {
                wrap.out.append(wrap.separator);
            }
            wrap.wrap(line);
            first = false;
        }
        return new Str(wrap.out.toString());
    }

    private void wrap(String line) {
        if (width <= 0) {
            throw TemplateFault.of("wordwrap needs a width greater than 0.");
        }
        Deque<String> chunks = new ArrayDeque<>();
        Matcher chunk = (breakOnHyphens ? AT_HYPHENS : AT_SPACES).matcher(line);
        while (chunk.find()) {
            chunks.add(chunk.group());
        }
        for (boolean first = true; !chunks.isEmpty();) {
            if (!first && PythonText.stripStart(chunks.getFirst()).isEmpty()) {
                chunks.removeFirst();
            }
            String filled = fill(chunks);
            if (!filled.isEmpty()) {
                out.append(first ? "" : separator).append(filled);
                first = false;
            }
        }
    }

    /** Takes what fits on one line, without the white space at its end. */
    private String fill(Deque<String> chunks) {
        StringBuilder line = new StringBuilder();
        int length = 0;
        String last = "";
        while (!chunks.isEmpty() && length + length(chunks.getFirst()) <= width) {
            last = chunks.removeFirst();
            line.append(last);
            length += length(last);
        }
        if (!chunks.isEmpty() && length(chunks.getFirst()) > width && (breakLongWords || line.isEmpty())) {
            last = breakLongWords ? part(chunks, width - length) : chunks.removeFirst();
            line.append(last);
        }
        return PythonText.stripStart(last).isEmpty()
                ? line.substring(0, line.length() - last.length())
                : line.toString();
    }

    /** The beginning of a word that is too long, up to a hyphen if there is one in the room that is left. */
    private String part(Deque<String> chunks, int room) {
        String word = chunks.removeFirst();
        int end = word.offsetByCodePoints(0, room);
        if (breakOnHyphens) {
            int hyphen = word.lastIndexOf('-', end - 1);
            if (hyphen > 0 && word.substring(0, hyphen).chars().anyMatch(c -> c != '-')) {
                end = hyphen + 1;
            }
        }
        chunks.addFirst(word.substring(end));
        return word.substring(0, end);
    }

    private static int length(String text) {
        return text.codePointCount(0, text.length());
    }
}
