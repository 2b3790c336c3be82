package dev.luthier.server.api;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads the JSON body of a request: bounded in size, strict in type and encoding. Thread-safe. */
public final class JsonBody {
    private static final int MAX_DEPTH = 100;
    /* A body of brackets alone would otherwise become a tree fifty times its size. */
    private static final int MAX_VALUES = 300_000;

    private static final JsonMapper MAPPER = JsonMapper
            .builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH)
                            .maxTokenCount(MAX_VALUES).maxStringLength(Integer.MAX_VALUE).build())
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final long maxBytes;

    public JsonBody(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    /** The parsed body. */
    public JsonNode read(HttpServletRequest request) throws IOException {
        return parse(readBytes(request));
    }

    byte[] readBytes(HttpServletRequest request) throws IOException {
        String type = request.getContentType() == null ? "" : request.getContentType().toLowerCase(Locale.ROOT);
        String plain = type.split(";", 2)[0].strip();
        boolean empty = request.getContentLengthLong() == 0
                || (request.getContentLengthLong() < 0 && request.getHeader("Transfer-Encoding") == null);
        if (empty) {
            throw malformed("The request has no body. Send a JSON object.");
        }
        if (!plain.equals("application/json") && !plain.endsWith("+json")) {
            throw ApiFailure.of(415, "unsupported_media_type", "The Content-Type "
                    + (plain.isEmpty() ? "is missing" : "is " + plain) + ". Send \"Content-Type: application/json\".");
        }
        return readBounded(request);
    }

    /** The bytes of a body of any type. */
    byte[] readBounded(HttpServletRequest request) throws IOException {
        if (request.getContentLengthLong() > maxBytes) {
            throw tooLarge();
        }
        byte[] bytes = request.getInputStream().readNBytes((int) Math.min(Integer.MAX_VALUE - 8, maxBytes + 1));
        if (bytes.length > maxBytes) {
            throw tooLarge();
        }
        return bytes;
    }

    JsonNode parse(byte[] bytes) {
        String text;
        try {
            text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            throw malformed("The body is not valid UTF-8.");
        }
        if (text.isBlank()) {
            throw malformed("The body is empty. Send a JSON object.");
        }
        try {
            JsonNode body = MAPPER.readTree(text);
            if (text.contains("\\u") && hasLoneSurrogate(body)) {
                throw malformed("The body has an unpaired surrogate (an escape from \\uD800 to \\uDFFF that is not part"
                        + " of a pair), which is no character.");
            }
            return body;
        } catch (JacksonException e) {
            TokenStreamLocation where = e.getLocation();
            String place = where == null ? "" : " at line " + where.getLineNr() + ", column " + where.getColumnNr();
            throw malformed("The body is not valid JSON" + place + ": " + e.getOriginalMessage() + ".");
        }
    }

    /* No text of a response, a database or a tokenizer can hold one. */
    private static boolean hasLoneSurrogate(JsonNode node) {
        if (node.isString()) {
            return !StandardCharsets.UTF_8.newEncoder().canEncode(node.stringValue());
        }
        return node.valueStream().anyMatch(JsonBody::hasLoneSurrogate)
                || node.propertyNames().stream().anyMatch(name -> !StandardCharsets.UTF_8.newEncoder().canEncode(name));
    }

    private static ApiFailure malformed(String message) {
        return ApiFailure.invalid(List.of(new Fault("malformed_json", message, List.of("body"))));
    }

    private ApiFailure tooLarge() {
        return ApiFailure.of(413, "request_too_large",
                "The body is larger than the " + maxBytes + " bytes that this server accepts as JSON.");
    }
}
