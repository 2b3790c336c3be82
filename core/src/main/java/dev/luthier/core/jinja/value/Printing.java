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
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;

/** Python's {@code str} and {@code repr}. */
public final class Printing {
    private Printing() {}

    /** What {@code {{ value }}} prints. */
    public static String str(Value value, Budget budget) {
        if (value instanceof Str(String text, boolean safe)) {
            return text;
        }
        if (value instanceof Undefined) {
            return "";
        }
        TextBuilder text = new TextBuilder(budget);
        repr(value, text, budget);
        return text.toString();
    }

    static String repr(Value value, Budget budget) {
        TextBuilder text = new TextBuilder(budget);
        repr(value, text, budget);
        return text.toString();
    }

    private static void repr(Value value, TextBuilder out, Budget budget) {
        budget.enter();
        switch (value) {
            case None none -> out.append("None");
            case Bool bool -> out.append(bool == Bool.TRUE ? "True" : "False");
            case Int(var number) -> out.append(number.toString());
            case Real(double number) -> out.append(real(number));
            case Str(String text, boolean safe) -> out.append(safe ? "Markup(" + quoted(text) + ")" : quoted(text));
            case Sequence(List<Value> items) -> items("[", items, "]", out, budget);
            case Tuple(List<Value> items) -> items("(", items, items.size() == 1 ? ",)" : ")", out, budget);
            case Range range -> out.append("range(" + range.start() + ", " + range.stop()
                    + (range.step() == 1 ? ")" : ", " + range.step() + ")"));
            case View(String name, List<Value> items) -> items(name + "([", items, "])", out, budget);
            case Dict dict -> dict(dict, out, budget);
            case Undefined undefined -> out.append("Undefined");
            case Namespace(Map<String, Value> attributes) -> {
                out.append("<Namespace ");
                dict(Dict.of(attributes), out, budget);
                out.append(">");
            }
            case Instance instance -> out.append(instance.describe());
            case Function function -> throw unprintable(function.name());
            case Stream stream -> throw unprintable(stream.name());
        }
        budget.leave();
    }

    /** Python prints an address in memory there; no template means to. */
    private static TemplateFault unprintable(String name) {
        return TemplateFault.of("A value of type " + name + " cannot be printed. Call it, or make a list of it.");
    }

    private static void items(String open, List<Value> items, String close, TextBuilder out, Budget budget) {
        out.append(open);
        String separator = "";
        for (Value item : items) {
            out.append(separator);
            repr(item, out, budget);
            separator = ", ";
        }
        out.append(close);
    }

    private static void dict(Dict dict, TextBuilder out, Budget budget) {
        out.append("{");
        String separator = "";
        for (Map.Entry<Value, Value> entry : dict.entries()) {
            out.append(separator);
            repr(entry.getKey(), out, budget);
            out.append(": ");
            repr(entry.getValue(), out, budget);
            separator = ", ";
        }
        out.append("}");
    }

    /** The shortest decimal that reads back as the same double, in Python's notation. */
    public static String real(double number) {
        if (Double.isNaN(number)) {
            return "nan";
        }
        if (Double.isInfinite(number)) {
            return number > 0 ? "inf" : "-inf";
        }
        String sign = Math.copySign(1, number) < 0 ? "-" : "";
        if (number == 0) {
            return sign + "0.0";
        }
        BigDecimal shortest = new BigDecimal(Double.toString(Math.abs(number))).stripTrailingZeros();
        String digits = shortest.unscaledValue().toString();
        int exponent = digits.length() - shortest.scale() - 1;
        if (exponent < -4 || exponent >= 16) {
            String fraction = digits.length() == 1 ? "" : "." + digits.substring(1);
            String power = (exponent < 0 ? "-" : "+") + (Math.abs(exponent) < 10 ? "0" : "") + Math.abs(exponent);
            return sign + digits.charAt(0) + fraction + "e" + power;
        }
        String plain = shortest.toPlainString();
        return sign + (plain.contains(".") ? plain : plain + ".0");
    }

    /** A string literal as Python writes it. */
    public static String quoted(String text) {
        char quote = text.contains("'") && !text.contains("\"") ? '"' : '\'';
        StringBuilder out = new StringBuilder(text.length() + 2).append(quote);
        text.codePoints().forEach(point -> {
            switch (point) {
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (point == quote) {
                        out.append('\\').append(quote);
                    } else if (PythonText.isPrintable(point)) {
                        out.appendCodePoint(point);
                    } else {
                        out.append(point < 0x100
                                ? String.format("\\x%02x", point)
                                : point < 0x10000
                                        ? String.format("\\u%04x", point)
                                        : String.format("\\U%08x", point));
                    }
                }
            }
        });
        return out.append(quote).toString();
    }
}
