package dev.luthier.core.jinja.filter;

import dev.luthier.core.jinja.value.Arguments;
import dev.luthier.core.jinja.value.Arithmetic;
import dev.luthier.core.jinja.value.Budget;
import dev.luthier.core.jinja.value.Comparison;
import dev.luthier.core.jinja.value.Dict;
import dev.luthier.core.jinja.value.Operator;
import dev.luthier.core.jinja.value.Printing;
import dev.luthier.core.jinja.value.Relation;
import dev.luthier.core.jinja.value.StringMethods;
import dev.luthier.core.jinja.value.TemplateFault;
import dev.luthier.core.jinja.value.Types;
import dev.luthier.core.jinja.value.Value;
import dev.luthier.core.jinja.value.Value.Bool;
import dev.luthier.core.jinja.value.Value.Function;
import dev.luthier.core.jinja.value.Value.Int;
import dev.luthier.core.jinja.value.Value.Namespace;
import dev.luthier.core.jinja.value.Value.None;
import dev.luthier.core.jinja.value.Value.Range;
import dev.luthier.core.jinja.value.Value.Real;
import dev.luthier.core.jinja.value.Value.Sequence;
import dev.luthier.core.jinja.value.Value.Str;
import dev.luthier.core.jinja.value.Value.Tuple;
import dev.luthier.core.jinja.value.Value.Undefined;
import java.util.Map;
import java.util.Set;

/** The tests behind {@code is}. */
public final class Tests {
    private static final Map<String, Relation> RELATIONS = Map.ofEntries(Map.entry("==", Relation.EQUAL),
            Map.entry("eq", Relation.EQUAL), Map.entry("equalto", Relation.EQUAL), Map.entry("!=", Relation.NOT_EQUAL),
            Map.entry("ne", Relation.NOT_EQUAL), Map.entry(">", Relation.GREATER), Map.entry("gt", Relation.GREATER),
            Map.entry("greaterthan", Relation.GREATER), Map.entry(">=", Relation.GREATER_OR_EQUAL),
            Map.entry("ge", Relation.GREATER_OR_EQUAL), Map.entry("<", Relation.LESS), Map.entry("lt", Relation.LESS),
            Map.entry("lessthan", Relation.LESS), Map.entry("<=", Relation.LESS_OR_EQUAL),
            Map.entry("le", Relation.LESS_OR_EQUAL), Map.entry("in", Relation.IN));
    private static final Set<String> OTHERS = Set.of("defined", "undefined", "none", "boolean", "true", "false",
            "integer", "float", "number", "string", "mapping", "iterable", "sequence", "callable", "escaped", "lower",
            "upper", "odd", "even", "divisibleby", "sameas", "filter", "test");

    private Tests() {}

    public static boolean isKnown(String name) {
        return RELATIONS.containsKey(name) || OTHERS.contains(name);
    }

    public static boolean holds(String name, Value value, Arguments arguments, Budget budget) {
        Relation relation = RELATIONS.get(name);
        if (relation != null) {
            return Comparison.holds(relation, value, arguments.bind(name, "/other").required(0), budget);
        }
        return switch (name) {
            case "divisibleby" ->
                remainder(value, arguments.bind(name, "num").required(0), budget, Int.of(0));
            case "sameas" -> same(value, arguments.bind(name, "other").required(0), budget);
            default -> {
                arguments.bind(name);
                yield holds(name, value, budget);
            }
        };
    }

    private static boolean holds(String name, Value value, Budget budget) {
        return switch (name) {
            case "defined" -> !(value instanceof Undefined);
            case "undefined" -> value instanceof Undefined;
            case "none" -> value == None.NONE;
            case "boolean" -> value instanceof Bool;
            case "true" -> value == Bool.TRUE;
            case "false" -> value == Bool.FALSE;
            case "integer" -> value instanceof Int;
            case "float" -> value instanceof Real;
            case "number" -> Arithmetic.isNumber(value);
            case "string" -> value instanceof Str;
            case "mapping" -> value instanceof Dict;
            case "iterable" -> Types.isIterable(value);
            case "sequence" -> value instanceof Str || value instanceof Sequence || value instanceof Tuple
                    || value instanceof Range || value instanceof Dict || value instanceof Undefined;
            case "callable" -> value instanceof Function || value instanceof Undefined
                    || (value instanceof Value.Instance instance && instance.isCallable());
            case "escaped" -> value instanceof Str(String text, boolean safe) && safe;
            case "lower" -> StringMethods.isCase(Printing.str(value, budget), true);
            case "upper" -> StringMethods.isCase(Printing.str(value, budget), false);
            case "odd" -> remainder(value, Int.of(2), budget, Int.of(1));
            case "even" -> remainder(value, Int.of(2), budget, Int.of(0));
            case "filter" -> value instanceof Str(String filter, boolean safe) && Filters.isKnown(filter);
            case "test" -> value instanceof Str(String test, boolean safe) && isKnown(test);
            default -> throw TemplateFault.of("The test '" + name + "' is not supported.");
        };
    }

    private static boolean remainder(Value value, Value divisor, Budget budget, Value expected) {
        return Comparison.equal(Arithmetic.apply(Operator.MODULO, value, divisor, budget), expected, budget);
    }

    /** Python's {@code is}; equal scalars of one type count as the same object. */
    private static boolean same(Value left, Value right, Budget budget) {
        boolean scalars = left.getClass() == right.getClass()
                && (left instanceof Str || left instanceof Int || left instanceof Real);
        boolean sameNamespace = left instanceof Namespace(var a) && right instanceof Namespace(var b)
                && Types.identical(a, b);
        return Types.identical(left, right) || sameNamespace || (scalars && Comparison.equal(left, right, budget));
    }
}
