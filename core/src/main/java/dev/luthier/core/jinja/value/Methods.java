package dev.luthier.core.jinja.value;

import dev.luthier.core.jinja.value.Value.Function;
import dev.luthier.core.jinja.value.Value.Int;
import dev.luthier.core.jinja.value.Value.None;
import dev.luthier.core.jinja.value.Value.Range;
import dev.luthier.core.jinja.value.Value.Real;
import dev.luthier.core.jinja.value.Value.Sequence;
import dev.luthier.core.jinja.value.Value.Str;
import dev.luthier.core.jinja.value.Value.Tuple;
import dev.luthier.core.jinja.value.Value.Undefined;
import dev.luthier.core.jinja.value.Value.View;
import java.util.List;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/** The methods of Python's built-in types that templates may call. */
public final class Methods {
    private static final Set<String> LIST_CHANGES = Set.of("append", "clear", "pop", "reverse", "insert", "sort",
            "extend", "remove");
    private static final Set<String> DICT_CHANGES = Set.of("clear", "pop", "popitem", "setdefault", "update");
    private static final Set<String> OTHER_STRING_METHODS = Set.of("encode", "maketrans", "translate",
            "isidentifier");

    private Methods() {}

    /** The bound method; undefined when it would change the value; null when Python has none of the name. */
    public static @Nullable Value find(Value target, String name, Budget budget) {
        return switch (target) {
            case Str text -> stringMethod(text, name, budget);
            case Dict dict -> dictMethod(dict, name, budget);
            case Sequence(List<Value> items) -> LIST_CHANGES.contains(name)
                    ? unsafe("list", name)
                    : name.equals("copy") ? new Function(name, arguments -> {
                        arguments.bind(name);
                        return new Sequence(items);
                    }) : listMethod(items, name, budget);
            case Tuple(List<Value> items) -> items instanceof Group group
                    ? group.attribute(name)
                    : listMethod(items, name, budget);
            case Range range -> listMethod(Types.list(range, budget), name, budget);
            case Real(double number) when name.equals("is_integer") -> new Function(name, arguments -> {
                arguments.bind(name);
                return Value.Bool.of(number == Math.rint(number) && Double.isFinite(number));
            });
            case Int number when Set.of("real", "numerator").contains(name) -> number;
            case Real number when name.equals("real") -> number;
            default -> null;
        };
    }

    private static Undefined unsafe(String type, String name) {
        return new Undefined("Access to '" + name + "' of " + type + " is unsafe: templates cannot change values");
    }

    private static @Nullable Value stringMethod(Str self, String name, Budget budget) {
        StringMethods.Method method = StringMethods.find(name);
        if (method != null) {
            return new Function("str." + name, arguments -> {
                budget.text(self.text().length());
                return self.safe()
                        ? Markup.call(self.text(), name, method, arguments, budget)
                        : method.call(self.text(), arguments, budget);
            });
        }
        if (OTHER_STRING_METHODS.contains(name)) {
            throw TemplateFault.of("The string method '" + name + "' is not supported.");
        }
        return null;
    }

    private static @Nullable Value listMethod(List<Value> items, String name, Budget budget) {
        return switch (name) {
            case "index" -> new Function(name, arguments -> {
                Value wanted = arguments.bind("index", "/value").required(0);
                for (int i = 0; i < items.size(); i++) {
                    if (Comparison.equal(items.get(i), wanted, budget)) {
                        return Int.of(i);
                    }
                }
                throw TemplateFault.of(Printing.repr(wanted, budget) + " is not in the list.");
            });
            case "count" -> new Function(name, arguments -> {
                Value wanted = arguments.bind("count", "/value").required(0);
                return Int.of(items.stream().filter(item -> Comparison.equal(item, wanted, budget)).count());
            });
            default -> null;
        };
    }

    private static @Nullable Value dictMethod(Dict dict, String name, Budget budget) {
        budget.steps(dict.size());
        if (DICT_CHANGES.contains(name)) {
            return unsafe("dict", name);
        }
        return switch (name) {
            case "get" -> new Function("dict.get", arguments -> {
                Arguments.Bound bound = arguments.bind("get", "/key", "/default");
                Value found = dict.get(bound.required(0));
                return found != null ? found : bound.get(1, None.NONE);
            });
            case "keys" -> view("dict_keys", name, dict.keys());
            case "values" -> view("dict_values", name, dict.values());
            case "items" -> view("dict_items", name, dict.items());
            case "copy" -> new Function("dict.copy", arguments -> {
                arguments.bind("copy");
                return dict;
            });
            case "fromkeys" -> throw TemplateFault.of("The dict method 'fromkeys' is not supported.");
            default -> null;
        };
    }

    private static Function view(String type, String name, List<Value> items) {
        return new Function("dict." + name, arguments -> {
            arguments.bind(name);
            return new View(type, items);
        });
    }
}
