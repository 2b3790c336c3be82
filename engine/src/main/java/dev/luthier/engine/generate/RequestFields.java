package dev.luthier.engine.generate;

import dev.luthier.core.json.Json;
import dev.luthier.core.json.JsonFault;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** The fields of a JSON request body; every fault names the field. A field that is null counts as absent. */
final class RequestFields {
    private static final double MOST_BIAS = 100;

    private final JsonNode body;

    private RequestFields(JsonNode body) {
        this.body = body;
    }

    /** @param known the fields this route understands; any other is refused by name */
    static RequestFields parse(String text, Set<String> known) {
        JsonNode body;
        try {
            body = Json.parse(text);
        } catch (JacksonException e) {
            throw Problem.user("invalid_json", "The body is not valid JSON: " + JsonFault.reason(e) + ".")
                    .asException();
        }
        if (!body.isObject()) {
            throw Problem.user("invalid_json", "The body must be a JSON object.").asException();
        }
        for (String name : body.propertyNames()) {
            if (!known.contains(name)) {
                throw invalid(name, "is not understood by this worker. It understands "
                        + String.join(", ", new TreeSet<>(known)) + ".");
            }
        }
        return new RequestFields(body);
    }

    static ProblemException invalid(String field, String rule) {
        return Problem.user("invalid_request", field + " " + rule, field).asException();
    }

    private @Nullable JsonNode get(String field) {
        JsonNode value = body.get(field);
        return value == null || value.isNull() ? null : value;
    }

    String string(String field) {
        JsonNode value = get(field);
        if (value == null || !value.isString() || value.stringValue().isEmpty()) {
            throw invalid(field, "must be a non-empty string.");
        }
        return value.stringValue();
    }

    boolean flag(String field) {
        JsonNode value = get(field);
        if (value != null && !value.isBoolean()) {
            throw invalid(field, "must be true or false.");
        }
        return value != null && value.booleanValue();
    }

    int integer(String field, int least, int most, int absent) {
        return (int) longInteger(field, least, most, absent);
    }

    long longInteger(String field, long least, long most, long absent) {
        JsonNode value = get(field);
        if (value == null) {
            return absent;
        }
        if (!value.isIntegralNumber() || !value.canConvertToLong() || value.longValue() < least
                || value.longValue() > most) {
            throw invalid(field, "must be an integer from " + least + " to " + most + ".");
        }
        return value.longValue();
    }

    double number(String field, double least, double most, double absent) {
        JsonNode value = get(field);
        if (value == null) {
            return absent;
        }
        if (!value.isNumber() || !(value.doubleValue() >= least && value.doubleValue() <= most)) {
            throw invalid(field, "must be a number from " + least + " to " + most + ".");
        }
        return value.doubleValue();
    }

    /** Token ids; an absent field is an empty list. */
    int[] tokens(String field, int vocabSize) {
        JsonNode value = get(field);
        return value == null ? new int[0] : tokens(field, value, vocabSize);
    }

    /** Lists of token ids, none of them empty; at least one. */
    List<int[]> tokenLists(String field, int vocabSize) {
        JsonNode value = get(field);
        if (value == null || !value.isArray() || value.isEmpty()) {
            throw invalid(field, "must be a list of at least one list of token ids.");
        }
        List<int[]> lists = new ArrayList<>();
        for (JsonNode each : value) {
            String place = field + "[" + lists.size() + "]";
            int[] tokens = tokens(place, each, vocabSize);
            if (tokens.length == 0) {
                throw invalid(place, "must be a list of at least one token id.");
            }
            lists.add(tokens);
        }
        return lists;
    }

    private static int[] tokens(String field, JsonNode value, int vocabSize) {
        if (!value.isArray()) {
            throw invalid(field, "must be a list of token ids.");
        }
        int[] tokens = new int[value.size()];
        for (int i = 0; i < tokens.length; i++) {
            JsonNode token = value.get(i);
            if (!token.isIntegralNumber() || !token.canConvertToInt() || token.intValue() < 0
                    || token.intValue() >= vocabSize) {
                throw invalid(field + "[" + i + "]", "must be a token id from 0 to " + (vocabSize - 1) + ".");
            }
            tokens[i] = token.intValue();
        }
        return tokens;
    }

    /** Numbers from -100 to 100 by token id; an absent field is an empty map. */
    Map<Integer, Float> biases(String field, int vocabSize) {
        JsonNode value = get(field);
        if (value == null) {
            return Map.of();
        }
        if (!value.isObject()) {
            throw invalid(field, "must be an object of token ids and numbers.");
        }
        Map<Integer, Float> biases = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : value.properties()) {
            String token = entry.getKey();
            if (!token.matches("[0-9]{1,9}") || Integer.parseInt(token) >= vocabSize) {
                throw invalid(field + "." + token, "must be a token id from 0 to " + (vocabSize - 1) + ".");
            }
            JsonNode bias = entry.getValue();
            if (!bias.isNumber() || !(Math.abs(bias.doubleValue()) <= MOST_BIAS)) {
                throw invalid(field + "." + token, "must be a number from -100 to 100.");
            }
            biases.put(Integer.parseInt(token), (float) bias.doubleValue());
        }
        return biases;
    }

    boolean has(String field) {
        return get(field) != null;
    }
}
