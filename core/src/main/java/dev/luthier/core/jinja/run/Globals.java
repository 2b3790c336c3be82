package dev.luthier.core.jinja.run;

import dev.luthier.core.jinja.value.Arguments;
import dev.luthier.core.jinja.value.Arguments.Bound;
import dev.luthier.core.jinja.value.Arithmetic;
import dev.luthier.core.jinja.value.Budget;
import dev.luthier.core.jinja.value.Dict;
import dev.luthier.core.jinja.value.Printing;
import dev.luthier.core.jinja.value.TemplateFault;
import dev.luthier.core.jinja.value.Types;
import dev.luthier.core.jinja.value.Value;
import dev.luthier.core.jinja.value.Value.Function;
import dev.luthier.core.jinja.value.Value.Int;
import dev.luthier.core.jinja.value.Value.Namespace;
import dev.luthier.core.jinja.value.Value.Range;
import dev.luthier.core.jinja.value.Value.Str;
import dev.luthier.core.jinja.value.Value.Undefined;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** The functions that every template can call. */
public final class Globals {
    /** As in Jinja's sandbox. */
    private static final int MAX_RANGE = 100_000;

    private Globals() {}

    public static Map<String, Value> of(Supplier<LocalDateTime> now, Budget budget) {
        Map<String, Value> globals = new HashMap<>();
        globals.put("raise_exception", new Function("raise_exception", arguments -> {
            throw TemplateFault.raised(Printing.str(arguments.bind("raise_exception", "message").required(0), budget));
        }));
        globals.put("strftime_now", new Function("strftime_now",
                arguments -> new Str(Strftime.format(arguments.bind("strftime_now", "format").text(0), now.get()))));
        globals.put("namespace", new Function("namespace", arguments -> namespace(arguments, budget)));
        globals.put("dict", new Function("dict", arguments -> dict(arguments, budget)));
        globals.put("range", new Function("range", Globals::range));
        globals.put("cycler", new Function("cycler", Cycler::new));
        globals.put("joiner", new Function("joiner", Globals::joiner));
        return globals;
    }

    private static Value namespace(Arguments arguments, Budget budget) {
        Map<String, Value> attributes = new LinkedHashMap<>();
        for (Map.Entry<Value, Value> entry : dict(arguments, budget).entries()) {
            attributes.put(Printing.str(entry.getKey(), budget), entry.getValue());
        }
        return new Namespace(attributes);
    }

    private static Dict dict(Arguments arguments, Budget budget) {
        Dict dict = new Dict();
        if (arguments.positional().size() > 1) {
            throw TemplateFault.of("dict and namespace take at most one positional argument.");
        }
        for (Value source : arguments.positional()) {
            if (source instanceof Dict given) {
                dict.putAll(given);
                continue;
            }
            for (Value item : Types.list(source, budget)) {
                List<Value> pair = Types.list(item, budget);
                if (pair.size() != 2) {
                    throw TemplateFault.of("dict needs pairs of a key and a value.");
                }
                dict.put(pair.get(0), pair.get(1));
            }
        }
        dict.putAll(Dict.of(arguments.named()));
        return dict;
    }

    private static Value range(Arguments arguments) {
        List<Long> numbers = new ArrayList<>();
        for (Value value : arguments.positional()) {
            if (Arithmetic.toInteger(value).bitLength() > 40) {
                throw TemplateFault.limit("range got a number that is too large.");
            }
            numbers.add(Arithmetic.toInteger(value).longValue());
        }
        if (numbers.isEmpty() || numbers.size() > 3 || !arguments.named().isEmpty()) {
            throw TemplateFault.of("range takes one to three whole numbers.");
        }
        long step = numbers.size() == 3 ? numbers.get(2) : 1;
        if (step == 0) {
            throw TemplateFault.of("The step of range must not be zero.");
        }
        Range range = numbers.size() == 1
                ? new Range(0, numbers.get(0), 1)
                : new Range(numbers.get(0), numbers.get(1), step);
        if (range.length() > MAX_RANGE) {
            throw TemplateFault.limit("A range is longer than " + MAX_RANGE + ".");
        }
        return range;
    }

    /** A function that gives "" the first time and the separator afterwards. */
    private static Value joiner(Arguments arguments) {
        Bound bound = arguments.bind("joiner", "sep");
        Value separator = bound.get(0, new Str(", "));
        boolean[] used = new boolean[1];
        return new Function("joiner", call -> {
            boolean first = !used[0];
            used[0] = true;
            return first ? new Str("") : separator;
        });
    }

    /** Goes round through its items. */
    private static final class Cycler implements Value.Instance {
        private final List<Value> items;
        private int position;

        Cycler(Arguments arguments) {
            this.items = arguments.positional();
            if (items.isEmpty()) {
                throw TemplateFault.of("cycler needs at least one item.");
            }
        }

        @Override
        public Value attribute(String name) {
            return switch (name) {
                case "current" -> items.get(position);
                case "pos" -> Int.of(position);
                case "next" -> new Function("cycler.next", arguments -> {
                    Value current = items.get(position);
                    position = (position + 1) % items.size();
                    return current;
                });
                case "reset" -> new Function("cycler.reset", arguments -> {
                    position = 0;
                    return None.NONE;
                });
                default -> new Undefined("a cycler has no attribute '" + name + "'");
            };
        }

        @Override
        public boolean isCallable() {
            return false;
        }

        @Override
        public Value call(Arguments arguments) {
            throw TemplateFault.of("A cycler cannot be called; call its method next.");
        }

        @Override
        public String describe() {
            return "<Cycler>";
        }
    }
}
