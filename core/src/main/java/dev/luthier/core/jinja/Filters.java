package dev.luthier.core.jinja;

import java.util.HashMap;
import java.util.Map;

/** The filters behind {@code |}, by name. */
final class Filters {

    /** What a filter does. */
    @FunctionalInterface
    interface Filter {
        Value apply(Value input, Arguments arguments, Evaluator evaluator);
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

    static boolean isKnown(String name) {
        return FILTERS.containsKey(name);
    }

    static Value apply(String name, Value input, Arguments arguments, Evaluator evaluator) {
        Filter filter = FILTERS.get(name);
        if (filter == null) {
            throw TemplateFault.of("The filter '" + name + "' is not supported.");
        }
        evaluator.budget().step();
        return filter.apply(input, arguments, evaluator);
    }
}
