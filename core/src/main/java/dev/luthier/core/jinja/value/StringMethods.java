package dev.luthier.core.jinja.value;

import dev.luthier.core.jinja.value.Arguments.Bound;
import dev.luthier.core.jinja.value.Value.Bool;
import dev.luthier.core.jinja.value.Value.None;
import dev.luthier.core.jinja.value.Value.Str;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.function.UnaryOperator;

import org.jspecify.annotations.Nullable;

/** Methods of Python's {@code str} on case, white space, padding and kinds of characters; the rest join from others. */
public final class StringMethods {

    /** A method bound to nothing yet. */
    @FunctionalInterface
    public interface Method {
        Value call(String self, Arguments arguments, Budget budget);
    }

    private static final Map<String, Method> METHODS = new HashMap<>();

    static {
        plain("upper", text -> text.toUpperCase(Locale.ROOT));
        plain("lower", text -> text.toLowerCase(Locale.ROOT));
        plain("casefold", text -> text.toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT));
        plain("swapcase", StringMethods::swapCase);
        plain("capitalize", StringMethods::capitalize);
        plain("title", StringMethods::title);
        strip("strip", true, true);
        strip("lstrip", true, false);
        strip("rstrip", false, true);
        pad("ljust", 0, 1);
        pad("rjust", 1, 0);
        METHODS.put("center", StringMethods::center);
        METHODS.put("zfill", StringMethods::zeroFill);
        kind("isspace", PythonText::isSpace);
        kind("isalpha", Character::isLetter);
        kind("isalnum", point -> Character.isLetterOrDigit(point) || Character.getType(point) == Character.OTHER_NUMBER
                || Character.getType(point) == Character.LETTER_NUMBER);
        kind("isdecimal", point -> Character.getType(point) == Character.DECIMAL_DIGIT_NUMBER);
        kind("isdigit", StringMethods::isDigit);
        kind("isnumeric", point -> isDigit(point) || Character.getType(point) == Character.OTHER_NUMBER
                || Character.getType(point) == Character.LETTER_NUMBER);
        test("isascii", text -> text.chars().allMatch(c -> c < 128));
        test("isprintable", text -> text.codePoints().allMatch(PythonText::isPrintable));
        test("islower", text -> isCase(text, true));
        test("isupper", text -> isCase(text, false));
        test("istitle", StringMethods::isTitle);
        METHODS.put("expandtabs", StringMethods::expandTabs);
        StringSearch.addTo(METHODS);
        METHODS.put("format", BraceFormat::format);
        METHODS.put("format_map", BraceFormat::formatMap);
    }

    private StringMethods() {}

    /** Null when Python's strings have no such method, or it is not supported. */
    public static @Nullable Method find(String name) {
        return METHODS.get(name);
    }

    private static void plain(String name, UnaryOperator<String> operator) {
        METHODS.put(name, (self, arguments, budget) -> {
            arguments.bind(name);
            budget.text(self.length());
            return new Str(operator.apply(self));
        });
    }

    private interface Test {
        boolean holds(String text);
    }

    private static void test(String name, Test test) {
        METHODS.put(name, (self, arguments, budget) -> {
            arguments.bind(name);
            budget.text(self.length());
            return Bool.of(test.holds(self));
        });
    }

    private static void kind(String name, IntPredicate kind) {
        test(name, text -> !text.isEmpty() && text.codePoints().allMatch(kind));
    }

    private static boolean isDigit(int point) {
        return Character.getType(point) == Character.DECIMAL_DIGIT_NUMBER
                || "\u00b2\u00b3\u00b9".indexOf(point) >= 0 || (point >= 0x2070 && point <= 0x2089 && point != 0x2071);
    }

    /** At least one character has case, and all that have are of that case. */
    public static boolean isCase(String text, boolean lower) {
        return text.codePoints().anyMatch(lower ? Character::isLowerCase : Character::isUpperCase)
                && text.codePoints().noneMatch(lower ? Character::isUpperCase : Character::isLowerCase)
                && text.codePoints().noneMatch(Character::isTitleCase);
    }

    private static String swapCase(String text) {
        StringBuilder swapped = new StringBuilder(text.length());
        text.codePoints().mapToObj(Character::toString).forEach(c -> swapped
                .append(isCase(c, false) ? c.toLowerCase(Locale.ROOT) : c.toUpperCase(Locale.ROOT)));
        return swapped.toString();
    }

    static String capitalize(String text) {
        if (text.isEmpty()) {
            return text;
        }
        int first = text.offsetByCodePoints(0, 1);
        return titleCase(text.codePointAt(0)) + text.substring(first).toLowerCase(Locale.ROOT);
    }

    private static String title(String text) {
        StringBuilder titled = new StringBuilder(text.length());
        boolean inside = false;
        for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
            int point = text.codePointAt(i);
            titled.append(inside ? Character.toString(point).toLowerCase(Locale.ROOT) : titleCase(point));
            inside = Character.isLowerCase(point) || Character.isUpperCase(point) || Character.isTitleCase(point);
        }
        return titled.toString();
    }

    /** Every word starts in upper or title case and goes on in lower case, and there is a word. */
    private static boolean isTitle(String text) {
        boolean inside = false;
        boolean any = false;
        for (int point : text.codePoints().toArray()) {
            boolean capital = Character.isUpperCase(point) || Character.isTitleCase(point);
            if (inside ? capital : Character.isLowerCase(point)) {
                return false;
            }
            inside = capital || Character.isLowerCase(point);
            any |= inside;
        }
        return any;
    }

    private static Value expandTabs(String self, Arguments arguments, Budget budget) {
        int size = arguments.bind("expandtabs", "tabsize").integer(0, 8);
        TextBuilder out = new TextBuilder(budget);
        int column = 0;
        for (int point : self.codePoints().toArray()) {
            if (point == '\t') {
                int width = size > 0 ? size - column % size : 0;
                out.repeat(" ", width);
                column += width;
            } else {
                out.append(Character.toString(point));
                column = point == '\n' || point == '\r' ? 0 : column + 1;
            }
        }
        return new Str(out.toString());
    }

    private static String titleCase(int point) {
        int title = Character.toTitleCase(point);
        return title != point ? Character.toString(title) : capitalized(Character.toString(point));
    }

    /** Characters that become several, such as the German sharp s, keep only the first in upper case. */
    private static String capitalized(String character) {
        String upper = character.toUpperCase(Locale.ROOT);
        return upper.length() == character.length() || !Character.isUpperCase(upper.charAt(0))
                ? upper
                : upper.charAt(0) + upper.substring(1).toLowerCase(Locale.ROOT);
    }

    private static void strip(String name, boolean start, boolean end) {
        METHODS.put(name, (self, arguments, budget) -> {
            Bound bound = arguments.bind(name, "/chars");
            budget.text(self.length());
            return new Str(strip(self, bound, 0, start, end));
        });
    }

    /** Strips the characters that the argument names, or white space when it is None or not given. */
    public static String strip(String text, Bound bound, int index, boolean start, boolean end) {
        if (bound.has(index)) {
            return PythonText.strip(text, bound.text(index), start, end);
        }
        String stripped = start ? PythonText.stripStart(text) : text;
        return end ? PythonText.stripEnd(stripped) : stripped;
    }

    private static void pad(String name, int left, int right) {
        METHODS.put(name, (self, arguments, budget) -> {
            Bound bound = arguments.bind(name, "/width", "/fillchar");
            int missing = missing(self, bound);
            return padded(self, missing * left, missing * right, bound.text(1, " "), budget);
        });
    }

    private static Value center(String self, Arguments arguments, Budget budget) {
        Bound bound = arguments.bind("center", "/width", "/fillchar");
        int missing = missing(self, bound);
        int width = bound.integer(0, 0);
        int left = missing / 2 + (missing & width & 1);
        return padded(self, left, missing - left, bound.text(1, " "), budget);
    }

    private static int missing(String self, Bound bound) {
        bound.required(0);
        return Math.max(0, bound.integer(0, 0) - self.codePointCount(0, self.length()));
    }

    private static Value padded(String self, int left, int right, String fill, Budget budget) {
        if (fill.codePointCount(0, fill.length()) != 1) {
            throw TemplateFault.of("The fill character must be one character.");
        }
        return new Str(new TextBuilder(budget).repeat(fill, left).append(self).repeat(fill, right).toString());
    }

    private static Value zeroFill(String self, Arguments arguments, Budget budget) {
        Bound bound = arguments.bind("zfill", "/width");
        int missing = missing(self, bound);
        boolean signed = self.startsWith("-") || self.startsWith("+");
        String sign = signed ? self.substring(0, 1) : "";
        return new Str(new TextBuilder(budget).append(sign).repeat("0", missing)
                .append(self.substring(sign.length())).toString());
    }

    /** The text of an argument that must be a string. */
    public static String string(Value value, String function) {
        if (value instanceof Str(String text, boolean safe)) {
            return text;
        }
        throw TemplateFault.of(function + " needs strings, not " + (value == None.NONE ? "None" : Types.name(value))
                + ".");
    }
}
