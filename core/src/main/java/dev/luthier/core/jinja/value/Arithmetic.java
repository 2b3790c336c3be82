package dev.luthier.core.jinja.value;

import dev.luthier.core.jinja.value.Value.Bool;
import dev.luthier.core.jinja.value.Value.Int;
import dev.luthier.core.jinja.value.Value.Real;
import dev.luthier.core.jinja.value.Value.Sequence;
import dev.luthier.core.jinja.value.Value.Str;
import dev.luthier.core.jinja.value.Value.Tuple;
import dev.luthier.core.jinja.value.Value.Undefined;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;

/** Python's arithmetic on numbers, strings and lists. */
public final class Arithmetic {
    /** Integers beyond this are refused; Python prints at most 4300 digits. */
    private static final int MAX_BITS = 1 << 14;

    private Arithmetic() {}

    public static Value apply(Operator operator, Value left, Value right, Budget budget) {
        if (operator == Operator.MODULO && left instanceof Str(String format, boolean safe)) {
            Value values = safe ? Markup.escapedArguments(right, budget) : right;
            return new Str(PercentFormat.format(format, values, budget), safe);
        }
        if (left instanceof Undefined(String message)) {
            throw TemplateFault.of(message + ".");
        }
        if (right instanceof Undefined(String message)) {
            throw TemplateFault.of(message + ".");
        }
        if (isNumber(left) && isNumber(right)) {
            return left instanceof Real || right instanceof Real
                    ? new Real(reals(operator, toDouble(left), toDouble(right)))
                    : integers(operator, toInteger(left), toInteger(right), budget);
        }
        return switch (operator) {
            case ADD -> join(left, right, budget);
            case MULTIPLY -> isNumber(left)
                    ? repeat(right, left, left, right, budget)
                    : repeat(left, right, left, right, budget);
            case SUBTRACT, DIVIDE, FLOOR_DIVIDE, MODULO, POWER -> throw unsupported(operator.symbol(), left, right);
        };
    }

    public static Value sign(boolean negative, Value operand) {
        return switch (operand) {
            case Real(double number) -> new Real(negative ? -number : number);
            case Int(var number) -> new Int(negative ? number.negate() : number);
            case Bool bool -> Int.of(negative ? -bool.number() : bool.number());
            case Undefined(String message) -> throw TemplateFault.of(message + ".");
            default -> throw TemplateFault.of("A sign needs a number, not " + Types.name(operand) + ".");
        };
    }

    private static Value join(Value left, Value right, Budget budget) {
        if (left instanceof Str(String a, boolean safe) && right instanceof Str(String b, boolean alsoSafe)) {
            budget.text((long) a.length() + b.length());
            boolean markup = safe || alsoSafe;
            return markup
                    ? new Str((safe ? a : Markup.escape(a)) + (alsoSafe ? b : Markup.escape(b)), true)
                    : new Str(a + b);
        }
        if (left instanceof Sequence(List<Value> a) && right instanceof Sequence(List<Value> b)) {
            return new Sequence(both(a, b, budget));
        }
        if (left instanceof Tuple(List<Value> a) && right instanceof Tuple(List<Value> b)) {
            return new Tuple(both(a, b, budget));
        }
        throw unsupported("+", left, right);
    }

    private static List<Value> both(List<Value> left, List<Value> right, Budget budget) {
        budget.items((long) left.size() + right.size());
        List<Value> both = new ArrayList<>(left);
        both.addAll(right);
        return both;
    }

    private static Value repeat(Value repeated, Value times, Value left, Value right, Budget budget) {
        if (!(times instanceof Int || times instanceof Bool)) {
            throw unsupported("*", left, right);
        }
        BigInteger number = toInteger(times).max(BigInteger.ZERO);
        int count = number.bitLength() < 32 ? number.intValue() : Integer.MAX_VALUE;
        return switch (repeated) {
            case Str(String text, boolean safe) -> {
                budget.text((long) text.length() * count);
                yield new Str(text.isEmpty() ? "" : text.repeat(count), safe);
            }
            case Sequence(List<Value> items) -> new Sequence(repeat(items, count, budget));
            case Tuple(List<Value> items) -> new Tuple(repeat(items, count, budget));
            default -> throw unsupported("*", left, right);
        };
    }

    private static List<Value> repeat(List<Value> items, int count, Budget budget) {
        budget.items((long) items.size() * count);
        List<Value> repeated = new ArrayList<>();
        for (int i = 0; i < count && !items.isEmpty(); i++) {
            repeated.addAll(items);
        }
        return repeated;
    }

    private static Value integers(Operator operator, BigInteger left, BigInteger right, Budget budget) {
        budget.steps((left.bitLength() + right.bitLength()) / 64);
        return switch (operator) {
            case ADD -> bounded(left.add(right));
            case SUBTRACT -> bounded(left.subtract(right));
            case MULTIPLY -> bounded(left.multiply(right));
            case DIVIDE -> new Real(new BigDecimal(left).divide(new BigDecimal(nonZero(right)), MathContext.DECIMAL128)
                    .doubleValue());
            case FLOOR_DIVIDE -> new Int(floorDivide(left, nonZero(right)));
            case MODULO -> new Int(left.subtract(floorDivide(left, nonZero(right)).multiply(right)));
            case POWER -> power(left, right);
        };
    }

    private static BigInteger floorDivide(BigInteger left, BigInteger right) {
        BigInteger[] parts = left.divideAndRemainder(right);
        boolean below = parts[1].signum() != 0 && parts[1].signum() != right.signum();
        return below ? parts[0].subtract(BigInteger.ONE) : parts[0];
    }

    private static Value power(BigInteger base, BigInteger exponent) {
        if (exponent.signum() < 0) {
            return new Real(reals(Operator.POWER, base.doubleValue(), exponent.doubleValue()));
        }
        boolean small = base.bitLength() <= 1;
        if (!small && (exponent.bitLength() > 31 || (long) base.bitLength() * exponent.longValue() > 2L * MAX_BITS)) {
            throw TemplateFault.limit("The result of '**' is too large.");
        }
        return bounded(small && exponent.bitLength() > 31
                ? base.pow(exponent.testBit(0) ? 1 : 2)
                : base.pow(exponent.intValue()));
    }

    private static Int bounded(BigInteger value) {
        if (value.bitLength() > MAX_BITS) {
            throw TemplateFault.limit("A whole number is larger than " + MAX_BITS + " bits.");
        }
        return new Int(value);
    }

    private static BigInteger nonZero(BigInteger divisor) {
        if (divisor.signum() == 0) {
            throw TemplateFault.of("Division by zero.");
        }
        return divisor;
    }

    private static double reals(Operator operator, double left, double right) {
        boolean divides = operator == Operator.DIVIDE || operator == Operator.FLOOR_DIVIDE
                || operator == Operator.MODULO;
        if ((right == 0 && divides) || (operator == Operator.POWER && left == 0 && right < 0)) {
            throw TemplateFault.of("Division by zero.");
        }
        return switch (operator) {
            case ADD -> left + right;
            case SUBTRACT -> left - right;
            case MULTIPLY -> left * right;
            case DIVIDE -> left / right;
            case FLOOR_DIVIDE -> Math.floor((left - modulo(left, right)) / right + 0.25);
            case MODULO -> modulo(left, right);
            case POWER -> realPower(left, right);
        };
    }

    private static double modulo(double left, double right) {
        double remainder = left % right;
        return remainder != 0 && remainder < 0 != right < 0
                ? remainder + right
                : remainder == 0 ? Math.copySign(0, right) : remainder;
    }

    private static double realPower(double base, double exponent) {
        double power = Math.pow(base, exponent);
        if (Double.isNaN(power) && !Double.isNaN(base) && !Double.isNaN(exponent)) {
            throw TemplateFault.of("Complex numbers are not supported.");
        }
        if (Double.isInfinite(power) && Double.isFinite(base) && Double.isFinite(exponent)) {
            throw TemplateFault.of("The result of '**' is too large.");
        }
        return power;
    }

    /** Whether it is an int, a float or a bool. */
    public static boolean isNumber(Value value) {
        return value instanceof Int || value instanceof Real || value instanceof Bool;
    }

    public static double toDouble(Value number) {
        return switch (number) {
            case Real(double value) -> value;
            case Int(var value) -> value.doubleValue();
            case Bool bool -> bool.number();
            default -> throw TemplateFault.of("A number is needed, not " + Types.name(number) + ".");
        };
    }

    public static BigInteger toInteger(Value number) {
        return switch (number) {
            case Int(var value) -> value;
            case Bool bool -> BigInteger.valueOf(bool.number());
            default -> throw TemplateFault.of("A whole number is needed, not " + Types.name(number) + ".");
        };
    }

    static TemplateFault unsupported(String symbol, Value left, Value right) {
        for (Value operand : List.of(left, right)) {
            if (operand instanceof Undefined(String message)) {
                return TemplateFault.of(message + ".");
            }
        }
        return TemplateFault.of("'" + symbol + "' is not possible between " + Types.name(left) + " and "
                + Types.name(right) + ".");
    }
}
