package dev.luthier.server.api;

import dev.luthier.core.json.Json;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.databind.JsonNode;

/** Reads the JSON body of a request: bounded in size, strict in type and encoding. Thread-safe. */
public final class JsonBody {
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
            return Json.parse(text);
        } catch (JacksonException e) {
            TokenStreamLocation where = e.getLocation();
            String place = where == null ? "" : " at line " + where.getLineNr() + ", column " + where.getColumnNr();
            throw malformed("The body is not valid JSON" + place + ": " + e.getOriginalMessage() + ".");
        }
    }

    private static ApiFailure malformed(String message) {
        return ApiFailure.invalid(List.of(new Fault("malformed_json", message, List.of("body"))));
    }

    private ApiFailure tooLarge() {
        return ApiFailure.of(413, "request_too_large",
                "The body is larger than the " + maxBytes + " bytes that this server accepts as JSON.");
    }
}
