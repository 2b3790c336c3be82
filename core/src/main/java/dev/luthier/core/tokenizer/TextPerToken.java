package dev.luthier.core.tokenizer;

import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/**
 * How much text one token covers at most, where a {@code tokenizer.json} lets that be told, and so how many tokens a
 * text has at least. That is cheap to know, while tokenizing takes a microsecond and some 200 bytes a byte of text.
 *
 * <p>A bound is known of byte-pair models that can spell every byte, whose normalizer never shortens a text (NFC: of
 * texts that it leaves as they are), whose pre-tokenizer drops nothing, and whose added tokens take no white space from
 * their neighbours. A token then covers no more bytes than its own spelling has.
 */
final class TextPerToken {
    private static final Set<String> KEEPING = Set.of("ByteLevel", "Metaspace", "Digits");
    private static final Set<String> SPLITTING = Set.of("Split", "Punctuation");

    private JsonNode model = MissingNode.getInstance();
    private JsonNode normalizer = MissingNode.getInstance();
    private JsonNode preTokenizer = MissingNode.getInstance();
    private boolean takesSpace;
    private int longest;
    private boolean spellsAllBytes;

    /** @param settings of the model: what {@code tokenizer.json} says of it beside vocabulary and merges */
    void model(JsonNode settings) {
        model = settings;
    }

    void normalizer(JsonNode node) {
        normalizer = node;
    }

    void preTokenizer(JsonNode node) {
        preTokenizer = node;
    }

    void addedToken(JsonNode token) {
        takesSpace |= token.path("lstrip").asBoolean(false) || token.path("rstrip").asBoolean(false);
    }

    /** Measures the vocabulary, once everything else is known. */
    void vocabulary(Vocabulary vocabulary) {
        boolean byteLevel = has(preTokenizer, "ByteLevel") || has(normalizer, "ByteLevel");
        for (int id = 0; id < vocabulary.size(); id++) {
            String token = vocabulary.token(id).orElse("");
            boolean oneByteEach = byteLevel && !vocabulary.isAdded(id);
            longest = Math.max(longest,
                    oneByteEach ? token.length() : token.getBytes(StandardCharsets.UTF_8).length);
        }
        boolean fallback = model.path("byte_fallback").asBoolean(false);
        spellsAllBytes = (byteLevel || fallback) && TokenSpelling.bytesOfText()
                .allMatch(value -> vocabulary.id(byteLevel
                        ? TokenSpelling.byteLevel(value)
                        : String.format("<0x%02X>", value)).isPresent());
    }

    /** Tokens that the text has at least; 0 where nothing can be told. */
    long least(String text, long utf8Bytes) {
        boolean known = longest > 0 && spellsAllBytes && !takesSpace
                && model.path("type").asString("BPE").equals("BPE") && keepsLength(normalizer, text)
                && dropsNothing(preTokenizer);
        return known ? Math.ceilDiv(utf8Bytes, longest) : 0;
    }

    private static boolean keepsLength(JsonNode node, String text) {
        return isAbsent(node) || switch (node.path("type").asString("")) {
            case "Sequence" -> node.path("normalizers").valueStream().allMatch(step -> keepsLength(step, text));
            case "Prepend", "ByteLevel" -> true;
            case "NFC" -> Normalizer.isNormalized(text, Normalizer.Form.NFC);
            case "Replace" -> node.at("/pattern/String").isString()
                    && bytes(node.path("content")) >= bytes(node.at("/pattern/String"));
            default -> false;
        };
    }

    private static boolean dropsNothing(JsonNode node) {
        String type = node.path("type").asString("");
        if (type.equals("Sequence")) {
            return node.path("pretokenizers").valueStream().allMatch(TextPerToken::dropsNothing);
        }
        boolean splits = SPLITTING.contains(type) && !node.path("behavior").asString("Removed").equals("Removed");
        return isAbsent(node) || KEEPING.contains(type) || splits;
    }

    private static boolean has(JsonNode node, String type) {
        return node.path("type").asString("").equals(type)
                || node.path("pretokenizers").valueStream().anyMatch(step -> has(step, type))
                || node.path("normalizers").valueStream().anyMatch(step -> has(step, type));
    }

    private static boolean isAbsent(JsonNode node) {
        return node.isMissingNode() || node.isNull();
    }

    private static int bytes(JsonNode text) {
        return text.asString("").getBytes(StandardCharsets.UTF_8).length;
    }
}
