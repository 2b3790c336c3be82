package dev.luthier.core.data;

import dev.luthier.core.json.JsonFault;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** JSON of training data: strict, and with bounds on what one line can cost in memory and stack. */
final class LineJson {
    static final int MAX_DEPTH = 100;
    /* A line of brackets alone would otherwise become a tree fifty times its size. */
    static final int MAX_VALUES = 300_000;

    private static final JsonMapper MAPPER = JsonMapper
            .builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH)
                            .maxTokenCount(MAX_VALUES).maxStringLength(Integer.MAX_VALUE).build())
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private LineJson() {}

    /** The value of a text; MissingNode for a text without any. */
    static JsonNode parse(String text) {
        return MAPPER.readTree(text);
    }

    /** What is wrong with a text that could not be parsed, with the column, ending in a full stop. */
    static String reason(JacksonException e) {
        return JsonFault.reason(e) + ".";
    }

    /** Adds a fault for each string with half of a surrogate pair, which no tokenizer can take. */
    static void checkSurrogates(JsonNode node, String pointer, DataFaults.OfLine faults) {
        if (node.isString() && hasLoneSurrogate(node.stringValue())) {
            faults.add(pointer,
                    "the text has an unpaired surrogate (an escape from \\uD800 to \\uDFFF that is not part "
                            + "of a pair), which is no character. Remove it.");
        } else if (node.isArray()) {
            for (int i = 0; i < node.size(); i++) {
                checkSurrogates(node.get(i), pointer + "/" + i, faults);
            }
        } else if (node.isObject()) {
            LineObject object = new LineObject(node, pointer, faults);
            for (String key : node.propertyNames()) {
                if (hasLoneSurrogate(key)) {
                    faults.add(pointer, "a key has an unpaired surrogate. Remove it.");
                }
                checkSurrogates(node.get(key), object.pointerTo(key), faults);
            }
        }
    }

    private static boolean hasLoneSurrogate(String text) {
        return text.codePoints().anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
    }
}
