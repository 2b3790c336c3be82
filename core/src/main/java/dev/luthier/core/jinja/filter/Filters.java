package dev.luthier.core.jinja.filter;

import dev.luthier.core.jinja.value.Arguments;
import dev.luthier.core.jinja.value.Budget;
import dev.luthier.core.jinja.value.TemplateFault;
import dev.luthier.core.jinja.value.Value;
import java.util.HashMap;
import java.util.Map;

/** The filters behind {@code |}, by name. */
public final class Filters {

    /** What a filter does. */
    @FunctionalInterface
    interface Filter {
        Value apply(Value input, Arguments arguments, Budget budget);
    }

    private static final Map<String, Filter> FILTERS = new HashMap<>();

    static {
        TextFilters.addTo(FILTERS);
        NumberFilters.addTo(FILTERS);
        ListFilters.addTo(FILTERS);
        OrderFilters.addTo(FILTERS);
        SelectionFilters.addTo(FILTERS);
        FILTERS.put("tojson", JsonText::filter);
    }

    private Filters() {}

    public static boolean isKnown(String name) {
        return FILTERS.containsKey(name);
    }

    public static Value apply(String name, Value input, Arguments arguments, Budget budget) {
        Filter filter = FILTERS.get(name);
        if (filter == null) {
            throw TemplateFault.of("The filter '" + name + "' is not supported.");
        }
        budget.step();
        return filter.apply(input, arguments, budget);
    }
}
