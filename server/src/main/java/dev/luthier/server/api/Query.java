package dev.luthier.server.api;

import dev.luthier.core.problem.Nearest;
import dev.luthier.server.store.Page;
import jakarta.servlet.http.HttpServletRequest;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The query parameters of a request, read like {@link Fields}: every fault, unknown names included, is reported by
 * {@link #finish}. Not thread-safe.
 */
public final class Query {
    private static final int DEFAULT_PAGE_SIZE = 20;
    private static final int MAX_PAGE_SIZE = 100;

    private static final Instant EARLIEST = Instant.parse("0000-01-01T00:00:00Z");
    private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");

    private final Map<String, List<String>> parameters;
    private final Set<String> known = new HashSet<>();
    private final List<Fault> faults = new ArrayList<>();

    private Query(Map<String, List<String>> parameters) {
        this.parameters = parameters;
    }

    public static Query of(HttpServletRequest request) {
        Map<String, List<String>> found = new LinkedHashMap<>();
        String text = request.getQueryString();
        if (text != null) {
            for (String pair : text.split("&", -1)) {
                int equals = pair.indexOf('=');
                if (!pair.isEmpty()) {
                    found.computeIfAbsent(decode(equals < 0 ? pair : pair.substring(0, equals)),
                            name -> new ArrayList<>()).add(equals < 0 ? "" : decode(pair.substring(equals + 1)));
                }
            }
        }
        return new Query(found);
    }

    private static String decode(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw ApiFailure.invalid(List.of(new Fault("malformed_query",
                    "The query holds a broken percent escape: " + text + ".", List.of("query"))));
        }
    }

    /** {@code page} from 0 and {@code page_size} from 1 to 100, 20 by default. */
    public Page page() {
        int number = integer("page", 0, Integer.MAX_VALUE, 0);
        return new Page(number, integer("page_size", 1, MAX_PAGE_SIZE, DEFAULT_PAGE_SIZE));
    }

    /** {@code after}, an id, and {@code limit} from 1 to a maximum. */
    public Cursor cursor(int absentLimit, int maximumLimit) {
        String after = text("after");
        return new Cursor(after == null || after.isEmpty() ? null : after,
                integer("limit", 1, maximumLimit, absentLimit));
    }

    public int integer(String name, int minimum, int maximum, int absent) {
        return (int) whole(name, minimum, maximum, absent);
    }

    /** A whole number of up to 64 bits. */
    public long whole(String name, long minimum, long maximum, long absent) {
        Long value = parsed(name, "a whole number", text -> {
            try {
                return Long.valueOf(text);
            } catch (NumberFormatException e) {
                return null;
            }
        });
        if (value == null) {
            return absent;
        }
        if (value < minimum || value > maximum) {
            fault("out_of_range", name, value < minimum && maximum >= Integer.MAX_VALUE
                    ? name + " must be at least " + minimum + ", not " + value + "."
                    : name + " must be from " + minimum + " to " + maximum + ", not " + value + ".");
            return absent;
        }
        return value;
    }

    public boolean bool(String name, boolean absent) {
        Boolean value = parsed(name, "true or false", text -> switch (text) {
            case "true", "True", "1" -> Boolean.TRUE;
            case "false", "False", "0" -> Boolean.FALSE;
            default -> null;
        });
        return value == null ? absent : value;
    }

    public @Nullable String text(String name) {
        return parsed(name, "a text", text -> text);
    }

    public <T> @Nullable T choice(String name, Map<String, T> names) {
        return parsed(name, "one of " + FieldValue.listed(names), names::get);
    }

    /** Every value of a parameter that may be repeated, or separated by commas; empty when absent. */
    public <T> List<T> choices(String name, Map<String, T> names) {
        List<T> chosen = new ArrayList<>();
        for (String text : texts(name)) {
            T value = names.get(text);
            if (value == null) {
                fault("unknown_value", name,
                        name + " \"" + text + "\" is unknown. Use " + FieldValue.listed(names) + ".");
            } else {
                chosen.add(value);
            }
        }
        return chosen;
    }

    /** The same for free texts. */
    public List<String> texts(String name) {
        known.add(name);
        return parameters.getOrDefault(name, List.of()).stream().flatMap(text -> List.of(text.split(",")).stream())
                .filter(text -> !text.isBlank()).toList();
    }

    /**
     * The parameters {@code name[key]=value} by their keys.
     *
     * @param form how one is written, for messages
     */
    public Map<String, String> texts(String name, String form) {
        Map<String, String> pairs = new LinkedHashMap<>();
        parameters.forEach((parameter, values) -> {
            if (parameter.startsWith(name + "[") && parameter.endsWith("]")) {
                known.add(parameter);
                if (values.size() > 1) {
                    fault("repeated_parameter", parameter, "Each " + form + " must be given once.");
                }
                pairs.put(parameter.substring(name.length() + 1, parameter.length() - 1), values.getFirst());
            }
        });
        return pairs;
    }

    /** An ISO 8601 date-time; one without an offset is UTC, one without a time is midnight. */
    public @Nullable Instant instant(String name) {
        return parsed(name, "an ISO 8601 date-time such as 2026-01-31T12:00:00Z", text -> {
            Instant instant = instantOf(text);
            return instant == null || instant.isBefore(EARLIEST) || instant.isAfter(LATEST) ? null : instant;
        });
    }

    private static @Nullable Instant instantOf(String text) {
        String spaced = text.replace(' ', text.indexOf('T') < 0 && text.indexOf(':') > 0 ? 'T' : '+');
        try {
            return OffsetDateTime.parse(spaced).toInstant();
        } catch (DateTimeException withoutOffset) {
            try {
                return LocalDateTime.parse(spaced).toInstant(ZoneOffset.UTC);
            } catch (DateTimeException withoutTime) {
                try {
                    return LocalDate.parse(spaced).atStartOfDay().toInstant(ZoneOffset.UTC);
                } catch (DateTimeException notADate) {
                    return null;
                }
            }
        }
    }

    private <T> @Nullable T parsed(String name, String wanted, Function<String, @Nullable T> parser) {
        known.add(name);
        List<String> given = parameters.getOrDefault(name, List.of());
        if (given.isEmpty()) {
            return null;
        }
        if (given.size() > 1) {
            fault("repeated_parameter", name, name + " must be given once.");
            return null;
        }
        T value = parser.apply(given.getFirst());
        if (value == null) {
            fault("invalid_value", name, name + " must be " + wanted + ", not \"" + given.getFirst() + "\".");
        }
        return value;
    }

    /** Notes a fault at a parameter. */
    public void fault(String code, String name, String message) {
        faults.add(new Fault(code, message, List.of("query", name)));
    }

    /**
     * Ends reading.
     *
     * @throws ApiFailure with every fault, if there is one
     */
    public void finish() {
        for (String name : parameters.keySet()) {
            if (!known.contains(name)) {
                fault("unknown_parameter", name,
                        "The query parameter " + name + " is unknown." + Nearest.hint(name, known));
            }
        }
        if (!faults.isEmpty()) {
            throw ApiFailure.invalid(faults);
        }
    }
}
