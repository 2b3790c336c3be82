package dev.luthier.core.jinja.value;

import java.math.BigInteger;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * A value as templates see it, with Python's types. Values do not change, except iterators, namespaces and loops.
 *
 * <p>{@code equals} of these records is not Python's {@code ==}; {@code Comparison} is.
 */
public sealed interface Value permits Value.None, Value.Bool, Value.Int, Value.Real, Value.Str, Value.Sequence,
        Value.Tuple, Value.Range, Value.View, Value.Stream, Value.Undefined, Value.Function, Value.Namespace,
        Value.Instance, Dict {

    /** {@code None}. */
    enum None implements Value {
        NONE
    }

    /** {@code True} and {@code False}; in arithmetic 1 and 0. */
    enum Bool implements Value {
        FALSE, TRUE;

        public static Bool of(boolean value) {
            return value ? TRUE : FALSE;
        }

        /** 0 or 1. */
        int number() {
            return this == TRUE ? 1 : 0;
        }
    }

    /** {@code int}. */
    record Int(BigInteger value) implements Value {
        public static Int of(long value) {
            return new Int(BigInteger.valueOf(value));
        }
    }

    /** {@code float}. */
    record Real(double value) implements Value {}

    /**
     * {@code str}.
     *
     * @param safe whether it is markup that {@code escape} leaves alone
     */
    record Str(String text, boolean safe) implements Value {
        public Str(String text) {
            this(text, false);
        }
    }

    /** {@code list}. The elements are not copied; they must not change. */
    record Sequence(List<Value> items) implements Value {}

    /** {@code tuple}. The elements are not copied; they must not change. */
    record Tuple(List<Value> items) implements Value {}

    /** {@code range}: a lazy sequence of integers. */
    record Range(long start, long stop, long step) implements Value {
        public long length() {
            long span = step > 0 ? stop - start : start - stop;
            long stride = Math.abs(step);
            return span <= 0 ? 0 : (span + stride - 1) / stride;
        }

        Value at(long index) {
            return Int.of(start + index * step);
        }
    }

    /** What {@code dict.keys()}, {@code values()} and {@code items()} give. */
    record View(String name, List<Value> items) implements Value {}

    /** A Python iterator or generator: used up as it is read. */
    record Stream(String name, Iterator<Value> items) implements Value {}

    /**
     * What a missing variable, attribute or element evaluates to: prints as nothing, iterates as nothing, is false;
     * everything else fails with the message.
     */
    record Undefined(String message) implements Value {}

    /** Something to call. */
    record Function(String name, Body body) implements Value {
        /** What a call does. */
        @FunctionalInterface
        public interface Body {
            Value call(Arguments arguments);
        }
    }

    /** {@code namespace(...)}: the one value whose attributes templates may set. */
    record Namespace(Map<String, Value> attributes) implements Value {}

    /** An object with fixed attributes and methods, such as {@code cycler} and macros. */
    non-sealed interface Instance extends Value {
        /** Text of the printed value. */
        String describe();

        /** The attribute of that name, or undefined. */
        Value attribute(String name);

        /** Whether the test {@code callable} holds for it. */
        boolean isCallable();

        /** Called as a function; fails for one that is not callable. */
        Value call(Arguments arguments);
    }
}
