package dev.luthier.core.jinja.filter;

import dev.luthier.core.jinja.value.Arguments;
import dev.luthier.core.jinja.value.Arguments.Bound;
import dev.luthier.core.jinja.value.Budget;
import dev.luthier.core.jinja.value.TemplateFault;
import dev.luthier.core.jinja.value.Types;
import dev.luthier.core.jinja.value.Value;
import dev.luthier.core.jinja.value.Value.Str;
import dev.luthier.core.jinja.value.Value.Stream;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** {@code map}, {@code select}, {@code reject} and their {@code attr} forms: lazy, as in Jinja. */
final class SelectionFilters {
    private SelectionFilters() {}

    static void addTo(Map<String, Filters.Filter> filters) {
        filters.put("map", (input, arguments, budget) -> new Stream("generator",
                new Lazy(input, () -> mapper(arguments, budget), () -> item -> true, budget)));
        choice(filters, "select", true, false);
        choice(filters, "reject", false, false);
        choice(filters, "selectattr", true, true);
        choice(filters, "rejectattr", false, true);
    }

    private static void choice(Map<String, Filters.Filter> filters, String name, boolean keep, boolean attribute) {
        filters.put(name, (input, arguments, budget) -> new Stream("generator", new Lazy(input,
                UnaryOperator::identity, () -> {
                    Predicate<Value> test = test(name, attribute, arguments, budget);
                    return item -> test.test(item) == keep;
                }, budget)));
    }

    private static UnaryOperator<Value> mapper(Arguments arguments, Budget budget) {
        if (arguments.positional().isEmpty() && arguments.named().containsKey("attribute")) {
            Bound bound = arguments.bind("map", "attribute", "default");
            Value otherwise = bound.has(1) ? bound.get(1) : null;
            AttributePath path = AttributePath.of(bound.required(0), otherwise);
            return item -> path.get(item, budget);
        }
        String filter = name("map", arguments, 0);
        Arguments rest = arguments.after(1);
        return item -> Filters.apply(filter, item, rest, budget);
    }

    private static Predicate<Value> test(String name, boolean attribute, Arguments arguments, Budget budget) {
        if (attribute && arguments.positional().isEmpty()) {
            throw TemplateFault.of(name + " needs the name of an attribute.");
        }
        AttributePath path = attribute ? AttributePath.of(arguments.positional().getFirst()) : AttributePath.NONE;
        int skipped = attribute ? 1 : 0;
        if (arguments.positional().size() == skipped) {
            return item -> Types.truth(path.get(item, budget));
        }
        String test = name(name, arguments, skipped);
        Arguments rest = arguments.after(skipped + 1);
        return item -> Tests.holds(test, path.get(item, budget), rest, budget);
    }

    private static String name(String filter, Arguments arguments, int index) {
        if (arguments.positional().size() > index
                && arguments.positional().get(index) instanceof Str(String name, boolean safe)) {
            return name;
        }
        throw TemplateFault.of(filter + " needs the name of a filter or test as a string.");
    }

    /** Items mapped, then chosen, when they are asked for; the arguments are looked at with the first item. */
    private static final class Lazy implements Iterator<Value> {
        private final Value input;
        private final Supplier<UnaryOperator<Value>> mapper;
        private final Supplier<Predicate<Value>> test;
        private final Budget budget;
        private @Nullable Started started;
        private @Nullable Value next;

        private record Started(Iterator<Value> items, UnaryOperator<Value> mapper, Predicate<Value> test) {}

        Lazy(Value input, Supplier<UnaryOperator<Value>> mapper, Supplier<Predicate<Value>> test, Budget budget) {
            this.input = input;
            this.mapper = mapper;
            this.test = test;
            this.budget = budget;
        }

        @Override
        public boolean hasNext() {
            budget.enter();
            Started now = started();
            while (next == null && now.items().hasNext()) {
                Value item = now.mapper().apply(now.items().next());
                next = now.test().test(item) ? item : null;
            }
            budget.leave();
            return next != null;
        }

        private Started started() {
            Started now = started;
            if (now == null) {
                Iterator<Value> items = ListFilters.iterateOrEmpty(input, budget);
                now = items.hasNext()
                        ? new Started(items, mapper.get(), test.get())
                        : new Started(items, UnaryOperator.identity(), item -> true);
                started = now;
            }
            return now;
        }

        @Override
        public Value next() {
            if (!hasNext() || next == null) {
                throw new NoSuchElementException();
            }
            Value item = next;
            next = null;
            return item;
        }
    }
}
