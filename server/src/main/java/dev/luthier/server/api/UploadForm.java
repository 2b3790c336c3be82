package dev.luthier.server.api;

import dev.luthier.core.problem.Nearest;
import dev.luthier.server.config.Setting;
import dev.luthier.server.config.Settings;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A {@code multipart/form-data} request with one file. Its text parts are read like {@link Fields}: {@link #finish}
 * reports every fault. Not thread-safe.
 */
public final class UploadForm {
    private static final int MAX_TEXT_BYTES = 64 << 10;
    private static final JsonBody JSON = new JsonBody(MAX_TEXT_BYTES, Path.of(System.getProperty("java.io.tmpdir")),
            new RequestMemory(MAX_TEXT_BYTES));

    private final List<ReceivedPart> parts;
    private final Set<String> known = new HashSet<>();
    private final Fields.Faults faults = new Fields.Faults();

    private UploadForm(List<ReceivedPart> parts) {
        this.parts = parts;
    }

    static boolean isMultipart(HttpServletRequest request) {
        return Objects.requireNonNullElse(request.getContentType(), "").toLowerCase(Locale.ROOT)
                .startsWith("multipart/form-data");
    }

    /**
     * Receives the whole body.
     *
     * @param limit the setting that says how many bytes a part may have; a larger one is refused with 413
     */
    public static UploadForm receive(HttpServletRequest request, Setting<Long> limit, Settings settings) {
        if (!isMultipart(request)) {
            throw ApiFailure.of(415, "unsupported_media_type",
                    "A file is sent as multipart/form-data with a part named file, for example with"
                            + " `curl -F purpose=fine-tune -F file=@train.jsonl`.");
        }
        List<ReceivedPart> parts = MultipartBody.parts(request);
        long maxBytes = settings.get(limit);
        if (parts.stream().anyMatch(part -> part.sizeBytes() > maxBytes)) {
            throw ApiFailure.of(413, "file_too_large", "The file is larger than the " + maxBytes
                    + " bytes that this server accepts. Split it, or raise " + limit.key() + ".");
        }
        return new UploadForm(parts);
    }

    /** The part that holds the file; a missing one, or one without a file name, is noted and gives null. */
    public @Nullable ReceivedPart file(String name) {
        ReceivedPart part = bytes(name);
        if (part != null && part.filename() == null) {
            fault("wrong_type", name, name + " must be a file with a file name, not a text.");
            return null;
        }
        return part;
    }

    /** The part that holds bytes, with a file name or without; a missing one is noted and gives null. */
    public @Nullable ReceivedPart bytes(String name) {
        ReceivedPart part = only(name);
        if (part == null) {
            fault("missing_field", name, name + " is missing. Send the file as a part named " + name + ".");
        }
        return part;
    }

    /** A text part; null when absent or empty. */
    public @Nullable String text(String name) throws IOException {
        ReceivedPart part = only(name);
        if (part == null) {
            return null;
        }
        if (part.sizeBytes() > MAX_TEXT_BYTES) {
            fault("invalid_value", name, name + " is too long.");
            return null;
        }
        try (InputStream content = part.open()) {
            String text = new String(content.readAllBytes(), StandardCharsets.UTF_8);
            return text.isEmpty() ? null : text;
        }
    }

    /** A text part whose value is one of the names of a table. */
    public <T> @Nullable T choice(String name, Map<String, T> names) throws IOException {
        String text = text(name);
        if (text != null && !names.containsKey(text)) {
            fault("unknown_value", name, name + " \"" + FieldValue.shown(text) + "\" is unknown. Use "
                    + FieldValue.listed(names) + ".");
        }
        return text == null ? null : names.get(text);
    }

    /** A text part that holds a whole number. */
    public @Nullable Long integer(String name, long minimum, long maximum) throws IOException {
        String text = text(name);
        if (text == null) {
            return null;
        }
        Long value = whole(text);
        if (value == null) {
            fault("wrong_type", name, name + " must be a whole number, not \"" + FieldValue.shown(text) + "\".");
        } else if (value < minimum || value > maximum) {
            fault("out_of_range", name, name + " must be from " + minimum + " to " + maximum + ", not " + text + ".");
            return null;
        }
        return value;
    }

    private static @Nullable Long whole(String text) {
        try {
            return Long.valueOf(text);
        } catch (NumberFormatException e) {
            return null;
        }
    }

    /**
     * An object, which clients send as JSON in one part or as a text part {@code name[key]} for each of its fields.
     * Texts that are whole numbers are read as numbers. Null when absent.
     */
    public @Nullable Fields object(String name) throws IOException {
        String whole = text(name);
        JsonNode node = whole == null ? bracketed(name) : json(name, whole);
        return whole == null && node.isEmpty() ? null : Fields.nested(node, List.of("body", name), faults);
    }

    private ObjectNode bracketed(String name) throws IOException {
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        for (ReceivedPart part : parts) {
            String full = part.name();
            if (full.startsWith(name + "[") && full.endsWith("]") && !known.contains(full)) {
                String text = text(full);
                Long number = text == null ? null : whole(text);
                String key = full.substring(name.length() + 1, full.length() - 1);
                if (number != null) {
                    object.put(key, number);
                } else if (text != null) {
                    object.put(key, text);
                }
            }
        }
        return object;
    }

    private JsonNode json(String name, String text) {
        try {
            JsonNode node = JSON.parse(text.getBytes(StandardCharsets.UTF_8));
            if (node.isObject()) {
                return node;
            }
        } catch (ApiFailure e) {
            // Told below.
        }
        fault("wrong_type", name, name + " must be a JSON object, or parts named " + name + "[key].");
        return JsonNodeFactory.instance.objectNode();
    }

    /** Notes a fault at a part. */
    public void fault(String code, String name, String message) {
        faults.add(code, message, List.of("body", name));
    }

    /**
     * Ends reading, that of objects in it included.
     *
     * @throws ApiFailure with every fault, if there is one
     */
    public void finish() {
        for (ReceivedPart part : parts) {
            if (!known.contains(part.name())) {
                String shown = FieldValue.shown(part.name());
                fault("unknown_field", shown, "The part " + shown + " is unknown." + Nearest.hint(part.name(), known));
            }
        }
        faults.finish();
    }

    private @Nullable ReceivedPart only(String name) {
        List<ReceivedPart> named = parts.stream().filter(part -> part.name().equals(name)).toList();
        if (named.size() > 1 && known.add(name)) {
            fault("repeated_parameter", name, name + " must be given once.");
        }
        known.add(name);
        return named.isEmpty() ? null : named.getFirst();
    }
}
