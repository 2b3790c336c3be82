package dev.luthier.core.jinja.run;

import dev.luthier.core.jinja.filter.Filters;
import dev.luthier.core.jinja.filter.Tests;
import dev.luthier.core.jinja.syntax.Expression;
import dev.luthier.core.jinja.syntax.Expression.And;
import dev.luthier.core.jinja.syntax.Expression.Attribute;
import dev.luthier.core.jinja.syntax.Expression.Call;
import dev.luthier.core.jinja.syntax.Expression.CallArguments;
import dev.luthier.core.jinja.syntax.Expression.Chain;
import dev.luthier.core.jinja.syntax.Expression.Comparand;
import dev.luthier.core.jinja.syntax.Expression.Concatenation;
import dev.luthier.core.jinja.syntax.Expression.Conditional;
import dev.luthier.core.jinja.syntax.Expression.Constant;
import dev.luthier.core.jinja.syntax.Expression.DictLiteral;
import dev.luthier.core.jinja.syntax.Expression.Filter;
import dev.luthier.core.jinja.syntax.Expression.Item;
import dev.luthier.core.jinja.syntax.Expression.ListLiteral;
import dev.luthier.core.jinja.syntax.Expression.Name;
import dev.luthier.core.jinja.syntax.Expression.Named;
import dev.luthier.core.jinja.syntax.Expression.Not;
import dev.luthier.core.jinja.syntax.Expression.Or;
import dev.luthier.core.jinja.syntax.Expression.Pair;
import dev.luthier.core.jinja.syntax.Expression.Sign;
import dev.luthier.core.jinja.syntax.Expression.Slice;
import dev.luthier.core.jinja.syntax.Expression.Test;
import dev.luthier.core.jinja.syntax.Expression.TupleLiteral;
import dev.luthier.core.jinja.value.Arguments;
import dev.luthier.core.jinja.value.Arithmetic;
import dev.luthier.core.jinja.value.Budget;
import dev.luthier.core.jinja.value.Comparison;
import dev.luthier.core.jinja.value.Dict;
import dev.luthier.core.jinja.value.Printing;
import dev.luthier.core.jinja.value.Subscript;
import dev.luthier.core.jinja.value.TemplateFault;
import dev.luthier.core.jinja.value.TextBuilder;
import dev.luthier.core.jinja.value.Types;
import dev.luthier.core.jinja.value.Value;
import dev.luthier.core.jinja.value.Value.Bool;
import dev.luthier.core.jinja.value.Value.Function;
import dev.luthier.core.jinja.value.Value.Instance;
import dev.luthier.core.jinja.value.Value.None;
import dev.luthier.core.jinja.value.Value.Sequence;
import dev.luthier.core.jinja.value.Value.Str;
import dev.luthier.core.jinja.value.Value.Tuple;
import dev.luthier.core.jinja.value.Value.Undefined;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Gives expressions their values within one rendering. One thread. */
public final class Evaluator {
    private final Budget budget;
    private final Map<String, Value> globals;

    /** The globals are found where no variable of the name is. */
    public Evaluator(Budget budget, Map<String, Value> globals) {
        this.budget = budget;
        this.globals = globals;
    }

    Budget budget() {
        return budget;
    }

    Value evaluate(Expression expression, Scope scope) {
        budget.enter();
        try {
            Value value = value(expression, scope);
            budget.leave();
            return value;
        } catch (TemplateFault fault) {
            throw fault.at(expression.line());
        }
    }

    boolean holds(Expression test, Scope scope) {
        return Types.truth(evaluate(test, scope));
    }

    String text(Expression expression, Scope scope) {
        return Printing.str(evaluate(expression, scope), budget);
    }

    private Value value(Expression expression, Scope scope) {
        return switch (expression) {
            case Constant constant -> constant.value();
            case Name name -> variable(name.name(), scope);
            case ListLiteral list -> new Sequence(all(list.items(), scope));
            case TupleLiteral tuple -> new Tuple(all(tuple.items(), scope));
            case DictLiteral dict -> dict(dict.pairs(), scope);
            case Attribute attribute ->
                Subscript.attribute(evaluate(attribute.target(), scope), attribute.name(), budget);
            case Item item -> Subscript.item(evaluate(item.target(), scope), evaluate(item.index(), scope), budget);
            case Slice slice -> Subscript.slice(evaluate(slice.target(), scope), bound(slice.start(), scope),
                    bound(slice.stop(), scope), bound(slice.step(), scope), budget);
            case Call call -> call(evaluate(call.callee(), scope), arguments(call.arguments(), scope));
            case Filter filter -> {
                Expression input = filter.input();
                if (input == null) {
                    throw new IllegalStateException("a filter of a block is applied to its text");
                }
                yield filter(filter, evaluate(input, scope), scope);
            }
            case Test test -> Bool.of(Tests.holds(test.name(), evaluate(test.input(), scope),
                    arguments(test.arguments(), scope), budget));
            case Not not -> Bool.of(!holds(not.operand(), scope));
            case Sign sign -> Arithmetic.sign(sign.negative(), evaluate(sign.operand(), scope));
            case Expression.Arithmetic operation -> Arithmetic.apply(operation.operator(),
                    evaluate(operation.left(), scope), evaluate(operation.right(), scope), budget);
            case Concatenation concatenation -> concatenate(concatenation.parts(), scope);
            case Chain chain -> chain(chain, scope);
            case And and -> {
                Value left = evaluate(and.left(), scope);
                yield Types.truth(left) ? evaluate(and.right(), scope) : left;
            }
            case Or or -> {
                Value left = evaluate(or.left(), scope);
                yield Types.truth(left) ? left : evaluate(or.right(), scope);
            }
            case Conditional conditional -> conditional(conditional, scope);
        };
    }

    private Value variable(String name, Scope scope) {
        Value value = scope.get(name);
        if (value == null) {
            value = globals.get(name);
        }
        return value == null ? new Undefined("'" + name + "' is undefined") : value;
    }

    private List<Value> all(List<Expression> expressions, Scope scope) {
        List<Value> values = new ArrayList<>(expressions.size());
        for (Expression expression : expressions) {
            values.add(evaluate(expression, scope));
        }
        return values;
    }

    private Dict dict(List<Pair> pairs, Scope scope) {
        Dict dict = new Dict();
        for (Pair pair : pairs) {
            dict.put(evaluate(pair.key(), scope), evaluate(pair.value(), scope));
        }
        return dict;
    }

    private Value bound(@Nullable Expression bound, Scope scope) {
        return bound == null ? None.NONE : evaluate(bound, scope);
    }

    private Value concatenate(List<Expression> parts, Scope scope) {
        TextBuilder text = new TextBuilder(budget);
        for (Expression part : parts) {
            text.append(text(part, scope));
        }
        return new Str(text.toString());
    }

    private Value chain(Chain chain, Scope scope) {
        Value left = evaluate(chain.first(), scope);
        for (Comparand comparand : chain.rest()) {
            Value right = evaluate(comparand.operand(), scope);
            if (!Comparison.holds(comparand.relation(), left, right, budget)) {
                return Bool.FALSE;
            }
            left = right;
        }
        return Bool.TRUE;
    }

    private Value conditional(Conditional conditional, Scope scope) {
        if (holds(conditional.test(), scope)) {
            return evaluate(conditional.then(), scope);
        }
        Expression otherwise = conditional.otherwise();
        return otherwise != null
                ? evaluate(otherwise, scope)
                : new Undefined("The inline if on line " + conditional.line() + " is false and has no else");
    }

    /** Calls a function, method, macro or loop. */
    Value call(Value callee, Arguments arguments) {
        budget.step();
        return switch (callee) {
            case Function function -> function.body().call(arguments);
            case Instance instance -> instance.call(arguments);
            case Undefined(String message) -> throw TemplateFault.of(message + ".");
            default -> throw TemplateFault.of("A value of type " + Types.name(callee) + " cannot be called.");
        };
    }

    /** The filter, and the filters before it in a block's chain, applied to a text. */
    Value filterText(Filter filter, Value text, Scope scope) {
        Value input = filter.input() instanceof Filter inner ? filterText(inner, text, scope) : text;
        return filter(filter, input, scope);
    }

    private Value filter(Filter filter, Value input, Scope scope) {
        return Filters.apply(filter.name(), input, arguments(filter.arguments(), scope), budget);
    }

    Arguments arguments(CallArguments written, Scope scope) {
        if (written.positional().isEmpty() && written.named().isEmpty() && written.list() == null
                && written.mapping() == null) {
            return Arguments.NONE;
        }
        List<Value> positional = all(written.positional(), scope);
        if (written.list() != null) {
            positional.addAll(Types.list(evaluate(written.list(), scope), budget));
        }
        Map<String, Value> named = new LinkedHashMap<>();
        for (Named argument : written.named()) {
            named.put(argument.name(), evaluate(argument.value(), scope));
        }
        if (written.mapping() != null) {
            spread(evaluate(written.mapping(), scope), named);
        }
        return new Arguments(positional, named);
    }

    private static void spread(Value mapping, Map<String, Value> named) {
        if (!(mapping instanceof Dict dict)) {
            throw TemplateFault.of("'**' needs a mapping, not " + Types.name(mapping) + ".");
        }
        for (Map.Entry<Value, Value> entry : dict.entries()) {
            if (!(entry.getKey() instanceof Str(String name, boolean safe)) || named.containsKey(name)) {
                throw TemplateFault.of("'**' needs string keys that are not given already.");
            }
            named.put(name, entry.getValue());
        }
    }
}
