package dev.luthier.core.tokenizer;

import dev.luthier.core.file.FileKind;
import dev.luthier.core.json.Json;
import dev.luthier.core.json.JsonFault;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The tokens of a {@code tokenizer.json} by id and by text; the native tokenizer offers no such look-up. */
final class Vocabulary {

    private final Map<String, Integer> idOfToken = new HashMap<>();
    private @Nullable String[] tokenOfId = new @Nullable String[1024];
    private int size;
    private final SortedSet<Integer> specialIds = new TreeSet<>();
    private final Set<Integer> addedIds = new HashSet<>();
    private TokenSpelling spelling = TokenSpelling.PLAIN;
    private final TextPerToken textPerToken = new TextPerToken();

    private Vocabulary() {}

    /** Reads {@code model.vocab} and {@code added_tokens} as a stream: the tree of a large file needs too much memory. */
    static Vocabulary read(Path file, byte[] json) {
        Vocabulary vocabulary = new Vocabulary();
        try (JsonParser parser = Json.MAPPER.createParser(json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw invalid(file, "it must hold a JSON object"
                        + FileKind.of(file).map(kind -> "; " + kind.sentence()).orElse(""));
            }
            boolean hasModel = false;
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                switch (name) {
                    case "model" -> hasModel = vocabulary.readModel(parser);
                    case "decoder" -> vocabulary.readDecoder(file, parser.readValueAsTree());
                    case "normalizer" -> vocabulary.textPerToken.normalizer(parser.readValueAsTree());
                    case "pre_tokenizer" -> vocabulary.textPerToken.preTokenizer(parser.readValueAsTree());
                    case "added_tokens" -> vocabulary.readAddedTokens(file, parser.readValueAsTree());
                    default -> parser.skipChildren();
                }
            }
            if (!hasModel) {
                throw invalid(file, "it has no model with a vocab");
            }
            vocabulary.textPerToken.vocabulary(vocabulary);
            return vocabulary;
        } catch (JacksonException e) {
            throw invalid(file, "it is not valid JSON: " + FileKind.of(file).map(FileKind::sentence)
                    .orElseGet(() -> JsonFault.reason(e)));
        }
    }

    private static ProblemException invalid(Path file, String what) {
        return Problem.user("invalid_tokenizer", file + " is not a tokenizer that can be used: " + what + ".")
                .asException();
    }

    private boolean readModel(JsonParser parser) {
        boolean found = false;
        ObjectNode settings = JsonNodeFactory.instance.objectNode();
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            boolean vocab = name.equals("vocab");
            JsonToken start = parser.nextToken();
            if (vocab && start == JsonToken.START_OBJECT) {
                while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                    String token = parser.currentName();
                    parser.nextToken();
                    put(parser.getIntValue(), token);
                }
                found = true;
            } else if (vocab && start == JsonToken.START_ARRAY) {
                // Unigram models list [token, score]; the place in the list is the id.
                for (int id = 0; parser.nextToken() == JsonToken.START_ARRAY; id++) {
                    parser.nextToken();
                    put(id, parser.getString());
                    while (parser.nextToken() != JsonToken.END_ARRAY) {
                        parser.skipChildren();
                    }
                }
                found = true;
            } else if (start.isScalarValue()) {
                settings.set(name, parser.readValueAsTree());
            } else {
                parser.skipChildren();
            }
        }
        textPerToken.model(settings);
        return found;
    }

    /** Decoding runs in the server's own process, which a regular expression without bounds could stop. */
    private void readDecoder(Path file, JsonNode decoder) {
        if (!decoder.findValues("Regex").isEmpty()) {
            throw invalid(file, "its decoder uses a regular expression, which is not supported");
        }
        spelling = TokenSpelling.of(decoder);
    }

    private void readAddedTokens(Path file, JsonNode tokens) {
        for (JsonNode token : tokens) {
            if (!token.path("id").isInt() || token.path("id").intValue() < 0 || !token.path("content").isString()) {
                throw invalid(file, "the added token " + token + " has no id and content");
            }
            int id = token.path("id").intValue();
            put(id, token.path("content").stringValue());
            addedIds.add(id);
            textPerToken.addedToken(token);
            if (token.path("special").asBoolean(false)) {
                specialIds.add(id);
            }
        }
    }

    private void put(int id, String token) {
        if (id >= tokenOfId.length) {
            tokenOfId = Arrays.copyOf(tokenOfId, Math.max(id + 1, 2 * tokenOfId.length));
        }
        tokenOfId[id] = token;
        size = Math.max(size, id + 1);
        idOfToken.put(token, id);
    }

    int size() {
        return size;
    }

    OptionalInt id(String token) {
        Integer id = idOfToken.get(token);
        return id == null ? OptionalInt.empty() : OptionalInt.of(id);
    }

    Optional<String> token(int id) {
        return id >= 0 && id < size ? Optional.ofNullable(tokenOfId[id]) : Optional.empty();
    }

    /** The bytes that a token stands for; an added token is written as it is. None for an id that has no token. */
    byte[] bytes(int id) {
        String token = token(id).orElse("");
        return (addedIds.contains(id) ? TokenSpelling.PLAIN : spelling).bytes(token);
    }

    boolean isAdded(int id) {
        return addedIds.contains(id);
    }

    /** Tokens that a text of so many bytes has at least; 0 where nothing can be told. */
    long leastTokens(String text, long utf8Bytes) {
        return textPerToken.least(text, utf8Bytes);
    }

    boolean isSpecial(int id) {
        return specialIds.contains(id);
    }

    SortedSet<Integer> specialIds() {
        return specialIds;
    }
}
