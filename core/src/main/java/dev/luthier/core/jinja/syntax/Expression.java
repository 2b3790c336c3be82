package dev.luthier.core.jinja.syntax;

import dev.luthier.core.jinja.value.Operator;
import dev.luthier.core.jinja.value.Relation;
import dev.luthier.core.jinja.value.Value;
import java.util.List;

import org.jspecify.annotations.Nullable;

/** What has a value. Every node knows its line, from 1. */
public sealed interface Expression {
    int line();

    record Constant(Value value, int line) implements Expression {}

    record Name(String name, int line) implements Expression {}

    record ListLiteral(List<Expression> items, int line) implements Expression {}

    record TupleLiteral(List<Expression> items, int line) implements Expression {}

    record DictLiteral(List<Pair> pairs, int line) implements Expression {}

    /** One entry of a dict literal. */
    record Pair(Expression key, Expression value) {}

    /** {@code target.name}. */
    record Attribute(Expression target, String name, int line) implements Expression {}

    /** {@code target[index]}. */
    record Item(Expression target, Expression index, int line) implements Expression {}

    /** {@code target[start:stop:step]}. */
    record Slice(Expression target, @Nullable Expression start, @Nullable Expression stop, @Nullable Expression step,
            int line) implements Expression {}

    record Call(Expression callee, CallArguments arguments, int line) implements Expression {}

    /**
     * {@code input | name(arguments)}.
     *
     * @param input null where a block's text goes in
     */
    record Filter(@Nullable Expression input, String name, CallArguments arguments, int line) implements Expression {}

    /** {@code input is name(arguments)}. */
    record Test(Expression input, String name, CallArguments arguments, int line) implements Expression {}

    record Not(Expression operand, int line) implements Expression {}

    /** Unary minus or plus. */
    record Sign(boolean negative, Expression operand, int line) implements Expression {}

    record Arithmetic(Operator operator, Expression left, Expression right, int line) implements Expression {}

    /** {@code a ~ b ~ c}. */
    record Concatenation(List<Expression> parts, int line) implements Expression {}

    /** {@code a < b <= c}: each operand is evaluated once, and only as far as needed. */
    record Chain(Expression first, List<Comparand> rest, int line) implements Expression {}

    /** One comparison of a chain. */
    record Comparand(Relation relation, Expression operand) {}

    record And(Expression left, Expression right, int line) implements Expression {}

    record Or(Expression left, Expression right, int line) implements Expression {}

    /** {@code then if test else otherwise}. */
    record Conditional(Expression test, Expression then, @Nullable Expression otherwise, int line)
            implements
                Expression {}

    /** Arguments as written. */
    record CallArguments(List<Expression> positional, List<Named> named, @Nullable Expression list,
            @Nullable Expression mapping) {
        static final CallArguments NONE = new CallArguments(List.of(), List.of(), null, null);
    }

    /** {@code name=value}. */
    record Named(String name, Expression value) {}
}
