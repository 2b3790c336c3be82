package dev.luthier.core.jinja.value;

import dev.luthier.core.jinja.value.Value.Bool;
import dev.luthier.core.jinja.value.Value.Int;
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
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** Python's comparisons. */
public final class Comparison {
    private Comparison() {}

    public static boolean holds(Relation relation, Value left, Value right, Budget budget) {
        return switch (relation) {
            case EQUAL -> equal(left, right, budget);
            case NOT_EQUAL -> !equal(left, right, budget);
            case IN -> contains(right, left, budget);
            case NOT_IN -> !contains(right, left, budget);
            case LESS, LESS_OR_EQUAL, GREATER, GREATER_OR_EQUAL -> ordered(relation, left, right, budget);
        };
    }

    private static boolean ordered(Relation relation, Value left, Value right, Budget budget) {
        if (isNaN(left) || isNaN(right)) {
            return false;
        }
        int order = order(left, right, relation.symbol(), budget);
        return switch (relation) {
            case LESS -> order < 0;
            case LESS_OR_EQUAL -> order <= 0;
            case GREATER -> order > 0;
            case GREATER_OR_EQUAL -> order >= 0;
            case EQUAL, NOT_EQUAL, IN, NOT_IN -> throw new IllegalArgumentException(relation.symbol());
        };
    }

    private static boolean isNaN(Value value) {
        return value instanceof Real(double number) && Double.isNaN(number);
    }

    /** {@code ==}: numbers by value whatever their type, containers by their elements, everything else by identity. */
    public static boolean equal(Value left, Value right, Budget budget) {
        budget.enter();
        boolean equal = switch (left) {
            case Int a -> Arithmetic.isNumber(right) && sameNumber(left, right);
            case Bool a -> Arithmetic.isNumber(right) && sameNumber(left, right);
            case Real a -> Arithmetic.isNumber(right) && sameNumber(left, right);
            case Str(String a, boolean safe) -> right instanceof Str(String b, boolean alsoSafe)
                    && equalTexts(a, b, budget);
            case Sequence(List<Value> a) -> right instanceof Sequence(List<Value> b) && equalItems(a, b, budget);
            case Tuple(List<Value> a) -> right instanceof Tuple(List<Value> b) && equalItems(a, b, budget);
            case Dict a -> right instanceof Dict b && equalDicts(a, b, budget);
            case None none -> right == None.NONE;
            case Undefined a -> right instanceof Undefined;
            case Range a -> right instanceof Range b
                    && equalItems(Types.list(a, budget), Types.list(b, budget), budget);
            default -> Types.identical(left, right);
        };
        budget.leave();
        return equal;
    }

    private static boolean equalTexts(String left, String right, Budget budget) {
        budget.steps(Math.min(left.length(), right.length()) / 64);
        return left.equals(right);
    }

    private static boolean sameNumber(Value left, Value right) {
        return !isNaN(left) && !isNaN(right) && numbers(left, right) == 0;
    }

    private static boolean equalItems(List<Value> left, List<Value> right, Budget budget) {
        if (left.size() != right.size()) {
            return false;
        }
        for (int i = 0; i < left.size(); i++) {
            if (!same(left.get(i), right.get(i), budget)) {
                return false;
            }
        }
        return true;
    }

    private static boolean equalDicts(Dict left, Dict right, Budget budget) {
        if (left.size() != right.size()) {
            return false;
        }
        for (Map.Entry<Value, Value> entry : left.entries()) {
            Value other = right.get(entry.getKey());
            if (other == null || !same(entry.getValue(), other, budget)) {
                return false;
            }
        }
        return true;
    }

    /** Identical or equal, as elements of containers are compared. */
    private static boolean same(Value left, Value right, Budget budget) {
        return Types.identical(left, right) || equal(left, right, budget);
    }

    /** Negative, zero or positive; fails for types that have no order. */
    public static int order(Value left, Value right, String symbol, Budget budget) {
        budget.enter();
        int order;
        if (Arithmetic.isNumber(left) && Arithmetic.isNumber(right)) {
            order = numbers(left, right);
        } else if (left instanceof Str(String a, boolean safe) && right instanceof Str(String b, boolean alsoSafe)) {
            order = texts(a, b);
        } else if (left instanceof Sequence(List<Value> a) && right instanceof Sequence(List<Value> b)) {
            order = items(a, b, symbol, budget);
        } else if (left instanceof Tuple(List<Value> a) && right instanceof Tuple(List<Value> b)) {
            order = items(a, b, symbol, budget);
        } else {
            throw Arithmetic.unsupported(symbol, left, right);
        }
        budget.leave();
        return order;
    }

    private static int numbers(Value left, Value right) {
        boolean finite = Double.isFinite(Arithmetic.toDouble(left)) && Double.isFinite(Arithmetic.toDouble(right));
        if (!finite && (left instanceof Real || right instanceof Real)) {
            return Double.compare(Arithmetic.toDouble(left), Arithmetic.toDouble(right));
        }
        return decimal(left).compareTo(decimal(right));
    }

    private static BigDecimal decimal(Value number) {
        return number instanceof Real(double value)
                ? new BigDecimal(value)
                : new BigDecimal(Arithmetic.toInteger(number));
    }

    /** By code points, as Python compares, not by UTF-16 units. */
    static int texts(String left, String right) {
        int length = Math.min(left.length(), right.length());
        for (int i = 0; i < length; i++) {
            char a = left.charAt(i);
            char b = right.charAt(i);
            if (a != b) {
                boolean surrogates = Character.isSurrogate(a) != Character.isSurrogate(b);
                return surrogates ? (Character.isSurrogate(a) ? 1 : -1) : Character.compare(a, b);
            }
        }
        return Integer.compare(left.length(), right.length());
    }

    private static int items(List<Value> left, List<Value> right, String symbol, Budget budget) {
        for (int i = 0; i < Math.min(left.size(), right.size()); i++) {
            if (!same(left.get(i), right.get(i), budget)) {
                return order(left.get(i), right.get(i), symbol, budget);
            }
        }
        return Integer.compare(left.size(), right.size());
    }

    /** {@code value in container}. */
    static boolean contains(Value container, Value value, Budget budget) {
        return switch (container) {
            case Str(String text, boolean safe) -> {
                if (!(value instanceof Str(String part, boolean alsoSafe))) {
                    throw TemplateFault.of("'in' on a string needs a string, not " + Types.name(value) + ".");
                }
                budget.steps(text.length() / 16);
                yield text.contains(part);
            }
            case Dict dict -> dict.get(value) != null;
            case Sequence(List<Value> items) -> containsItem(container, value, budget);
            case Tuple(List<Value> items) -> containsItem(container, value, budget);
            case View(String name, List<Value> items) -> containsItem(container, value, budget);
            case Range range -> containsItem(container, value, budget);
            case Stream stream -> containsItem(container, value, budget);
            case Undefined undefined -> false;
            default ->
                throw TemplateFault.of("'in' needs a list, a mapping or a string, not " + Types.name(container) + ".");
        };
    }

    private static boolean containsItem(Value container, Value value, Budget budget) {
        Iterator<Value> items = Types.iterate(container, budget);
        while (items.hasNext()) {
            if (same(items.next(), value, budget)) {
                return true;
            }
        }
        return false;
    }
}
