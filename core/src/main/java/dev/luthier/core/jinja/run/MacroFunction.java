package dev.luthier.core.jinja.run;

import dev.luthier.core.jinja.syntax.Expression;
import dev.luthier.core.jinja.syntax.Statement.Macro;
import dev.luthier.core.jinja.syntax.Statement.Parameter;
import dev.luthier.core.jinja.value.Arguments;
import dev.luthier.core.jinja.value.Dict;
import dev.luthier.core.jinja.value.Printing;
import dev.luthier.core.jinja.value.TemplateFault;
import dev.luthier.core.jinja.value.Value;
import dev.luthier.core.jinja.value.Value.Bool;
import dev.luthier.core.jinja.value.Value.None;
import dev.luthier.core.jinja.value.Value.Str;
import dev.luthier.core.jinja.value.Value.Tuple;
import dev.luthier.core.jinja.value.Value.Undefined;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A macro with the scope it was defined in. Calling it gives the text of its body. */
public final class MacroFunction implements Value.Instance {
    private final Macro macro;
    private final Scope definition;
    private final Executor executor;

    MacroFunction(Macro macro, Scope definition, Executor executor) {
        this.macro = macro;
        this.definition = definition;
        this.executor = executor;
    }

    @Override
    public boolean isCallable() {
        return true;
    }

    @Override
    public Value call(Arguments arguments) {
        Scope scope = definition.inner();
        Map<String, Value> rest = new LinkedHashMap<>(arguments.named());
        int given = Math.min(arguments.positional().size(), macro.parameters().size());
        for (int i = 0; i < macro.parameters().size(); i++) {
            Parameter parameter = macro.parameters().get(i);
            Value value = i < given ? arguments.positional().get(i) : rest.remove(parameter.name());
            scope.set(parameter.name(), value != null ? value : missing(parameter, scope));
        }
        if (macro.usesCaller() && !macro.hasParameter("caller")) {
            Value caller = rest.remove("caller");
            scope.set("caller", caller == null || caller == None.NONE ? new Undefined("No caller defined") : caller);
        }
        passRest(arguments.positional().subList(given, arguments.positional().size()), rest, scope);
        return new Str(executor.capture(macro.body(), scope));
    }

    private Value missing(Parameter parameter, Scope scope) {
        Expression defaultValue = parameter.defaultValue();
        return defaultValue == null
                ? new Undefined("parameter '" + parameter.name() + "' was not provided")
                : executor.evaluator().evaluate(defaultValue, scope);
    }

    private void passRest(List<Value> positional, Map<String, Value> named, Scope scope) {
        if (macro.usesNamedRest() && !macro.hasParameter("kwargs")) {
            scope.set("kwargs", Dict.of(named));
        } else if (!named.isEmpty()) {
            throw TemplateFault.of("The macro '" + macro.name() + "' takes no argument named '"
                    + named.keySet().iterator().next() + "'.");
        }
        if (macro.usesPositionalRest() && !macro.hasParameter("varargs")) {
            scope.set("varargs", new Tuple(List.copyOf(positional)));
        } else if (!positional.isEmpty()) {
            throw TemplateFault.of("The macro '" + macro.name() + "' takes at most " + macro.parameters().size()
                    + " arguments.");
        }
    }

    @Override
    public Value attribute(String name) {
        return switch (name) {
            case "name" -> macro.name().isEmpty() ? None.NONE : new Str(macro.name());
            case "arguments" -> {
                List<Value> names = new ArrayList<>();
                macro.parameters().forEach(parameter -> names.add(new Str(parameter.name())));
                yield new Tuple(names);
            }
            case "caller" -> Bool.of(macro.usesCaller());
            case "catch_kwargs" -> Bool.of(macro.usesNamedRest());
            case "catch_varargs" -> Bool.of(macro.usesPositionalRest());
            default -> new Undefined("a macro has no attribute '" + name + "'");
        };
    }

    @Override
    public String describe() {
        return "<Macro " + (macro.name().isEmpty() ? "anonymous" : Printing.quoted(macro.name())) + ">";
    }
}
