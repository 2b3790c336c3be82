package dev.luthier.server.api;

import dev.luthier.core.json.JsonFault;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads the JSON body of a request: bounded in size and in what all bodies together may take of the heap, strict in type
 * and encoding. Thread-safe.
 */
public final class JsonBody {
    private static final String ATTRIBUTE = JsonBody.class.getName();
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

    /* The Rust client writes the role of every chat message twice. */
    private static final Pattern REPEATING_AGENT = Pattern.compile("openai-client-base/.*");
    private static final JsonMapper REPEATING = MAPPER.rebuild()
            .disable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

    private static final int IN_MEMORY_BYTES = 64 << 10;
    private static final int CHUNK_BYTES = 64 << 10;
    /** Of a body, what it becomes and what is made of that, while its request lasts. */
    private static final int HELD_FACTOR = 3;
    /** While a body is parsed: its text, the parser's buffers, the tree. */
    private static final int PARSED_FACTOR = 6;

    private final long maxBytes;
    private final Path spool;
    private final RequestMemory held;
    private final RequestMemory parsed;

    /**
     * @param spool directory for long bodies that are on their way
     * @param held what requests hold while they last
     */
    public JsonBody(long maxBytes, Path spool, RequestMemory held) {
        this.maxBytes = maxBytes;
        this.spool = spool;
        this.held = held;
        this.parsed = new RequestMemory(Runtime.getRuntime().maxMemory() / 3);
    }

    /** A body that was read, and its share of the memory. */
    @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
    private record Received(byte[] bytes, RequestMemory.Lease lease) {}

    /** The parsed body. A property that is given twice is a fault, except in bodies of a client that always does so. */
    public JsonNode read(HttpServletRequest request) throws IOException {
        String agent = Objects.requireNonNullElse(request.getHeader("User-Agent"), "");
        return parse(readBytes(request), REPEATING_AGENT.matcher(agent).matches() ? REPEATING : MAPPER);
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

    /** The bytes of a body of any type, which are read once; {@link #release} lets them go. */
    byte[] readBounded(HttpServletRequest request) throws IOException {
        if (request.getAttribute(ATTRIBUTE) instanceof Received received) {
            return received.bytes();
        }
        if (request.getContentLengthLong() > maxBytes) {
            throw tooLarge();
        }
        RequestMemory.Lease lease = held.lease();
        Received received = null;
        try {
            received = new Received(receive(new SteadyInput(request), lease), lease);
            request.setAttribute(ATTRIBUTE, received);
            return received.bytes();
        } finally {
            if (received == null) {
                lease.close();
            }
        }
    }

    /* A long body comes into a file first: slow clients keep no memory, and a body never waits for the rest of it. */
    private byte[] receive(InputStream in, RequestMemory.Lease lease) throws IOException {
        byte[] start = in.readNBytes(IN_MEMORY_BYTES);
        checkSize(start.length);
        if (start.length < IN_MEMORY_BYTES) {
            lease.add((long) HELD_FACTOR * start.length);
            return start;
        }
        Path file = Files.createTempFile(spool, "body-", "");
        try {
            long size = start.length;
            try (OutputStream out = Files.newOutputStream(file)) {
                out.write(start);
                byte[] chunk = new byte[CHUNK_BYTES];
                for (int count = in.read(chunk); count >= 0; count = in.read(chunk)) {
                    size += count;
                    checkSize(size);
                    out.write(chunk, 0, count);
                }
            }
            lease.add(HELD_FACTOR * size);
            return Files.readAllBytes(file);
        } finally {
            Files.deleteIfExists(file);
        }
    }

    private void checkSize(long size) {
        if (size > maxBytes) {
            throw tooLarge();
        }
    }

    /** Gives back what the request's body took, when the request is done. */
    static void release(HttpServletRequest request) {
        if (request.getAttribute(ATTRIBUTE) instanceof Received received) {
            received.lease().close();
            request.removeAttribute(ATTRIBUTE);
        }
    }

    JsonNode parse(byte[] bytes) {
        return parse(bytes, MAPPER);
    }

    private JsonNode parse(byte[] bytes, JsonMapper mapper) {
        try (RequestMemory.Lease lease = parsed.lease().add((long) PARSED_FACTOR * bytes.length)) {
            return tree(bytes, mapper);
        }
    }

    private static JsonNode tree(byte[] bytes, JsonMapper mapper) {
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
            JsonNode body = mapper.readTree(text);
            if (text.contains("\\u") && hasLoneSurrogate(body)) {
                throw malformed("The body has an unpaired surrogate (an escape from \\uD800 to \\uDFFF that is not part"
                        + " of a pair), which is no character.");
            }
            return body;
        } catch (JacksonException e) {
            throw malformed("The body is not valid JSON: " + JsonFault.reason(e) + ".");
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
