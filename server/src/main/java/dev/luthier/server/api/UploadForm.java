package dev.luthier.server.api;

import dev.luthier.core.problem.Nearest;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.Part;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.apache.tomcat.util.http.fileupload.impl.SizeException;
import org.jspecify.annotations.Nullable;

/**
 * A {@code multipart/form-data} request with one file. Its text parts are read like {@link Fields}: {@link #finish}
 * reports every fault. The container keeps the parts in temporary files and removes them with the request.
 */
public final class UploadForm {
    private static final int MAX_TEXT_BYTES = 64 << 10;

    private final Collection<Part> parts;
    private final Set<String> known = new HashSet<>();
    private final List<Fault> faults = new ArrayList<>();

    private UploadForm(Collection<Part> parts) {
        this.parts = parts;
    }

    /** Receives the whole body; a file above the limit is refused with 413 as soon as that shows. */
    public static UploadForm receive(HttpServletRequest request, long maxFileBytes) throws IOException {
        if (!isMultipart(request)) {
            throw ApiFailure.of(415, "unsupported_media_type",
                    "A file is sent as multipart/form-data with a part named file, for example with"
                            + " `curl -F purpose=fine-tune -F file=@train.jsonl`.");
        }
        try {
            return new UploadForm(request.getParts());
        } catch (IllegalStateException | IOException | ServletException e) {
            if (isCausedBy(e, SizeException.class)) {
                throw ApiFailure.of(413, "file_too_large", "The file is larger than the " + maxFileBytes
                        + " bytes that this server accepts. Split it, or raise files.max-bytes.");
            }
            throw ApiFailure.invalid(List.of(new Fault("malformed_multipart",
                    "The multipart body cannot be read. Send a complete multipart/form-data body with its boundary.",
                    List.of("body"))));
        }
    }

    static boolean isMultipart(HttpServletRequest request) {
        return Objects.requireNonNullElse(request.getContentType(), "").toLowerCase(Locale.ROOT)
                .startsWith("multipart/form-data");
    }

    private static boolean isCausedBy(Throwable thrown, Class<?> type) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return true;
            }
        }
        return false;
    }

    /** The part that holds the file; a missing one, or one without a file name, is noted and gives null. */
    public @Nullable Part file(String name) {
        Part part = only(name);
        if (part == null) {
            fault("missing_field", name, name + " is missing. Send the file as a part named " + name + ".");
        } else if (part.getSubmittedFileName() == null) {
            fault("wrong_type", name, name + " must be a file with a file name, not a text.");
            return null;
        }
        return part;
    }

    /** A text part; null when absent or empty. */
    public @Nullable String text(String name) throws IOException {
        Part part = only(name);
        if (part == null) {
            return null;
        }
        try (InputStream content = part.getInputStream()) {
            byte[] bytes = content.readNBytes(MAX_TEXT_BYTES + 1);
            if (bytes.length > MAX_TEXT_BYTES) {
                fault("invalid_value", name, name + " is too long.");
                return null;
            }
            return bytes.length == 0 ? null : new String(bytes, StandardCharsets.UTF_8);
        }
    }

    /** A text part whose value is one of the names of a table. */
    public <T> @Nullable T choice(String name, Map<String, T> names) throws IOException {
        String text = text(name);
        if (text != null && !names.containsKey(text)) {
            fault("unknown_value", name,
                    name + " \"" + text + "\" is unknown. Use " + FieldValue.listed(names) + ".");
        }
        return text == null ? null : names.get(text);
    }

    /** A text part that holds a whole number. */
    public @Nullable Long integer(String name, long minimum, long maximum) throws IOException {
        String text = text(name);
        if (text == null) {
            return null;
        }
        try {
            long value = Long.parseLong(text);
            if (value >= minimum && value <= maximum) {
                return value;
            }
            fault("out_of_range", name, name + " must be from " + minimum + " to " + maximum + ", not " + text + ".");
        } catch (NumberFormatException e) {
            fault("wrong_type", name, name + " must be a whole number, not \"" + text + "\".");
        }
        return null;
    }

    /** Notes a fault at a part. */
    public void fault(String code, String name, String message) {
        faults.add(new Fault(code, message, List.of("body", name)));
    }

    /**
     * Ends reading.
     *
     * @throws ApiFailure with every fault, if there is one
     */
    public void finish() {
        for (Part part : parts) {
            if (!known.contains(part.getName())) {
                fault("unknown_field", part.getName(),
                        "The part " + part.getName() + " is unknown." + Nearest.hint(part.getName(), known));
            }
        }
        if (!faults.isEmpty()) {
            throw ApiFailure.invalid(faults);
        }
    }

    private @Nullable Part only(String name) {
        known.add(name);
        List<Part> named = parts.stream().filter(part -> Objects.equals(part.getName(), name)).toList();
        if (named.size() > 1) {
            fault("repeated_parameter", name, name + " must be given once.");
        }
        return named.isEmpty() ? null : named.getFirst();
    }

    /**
     * What is done with a received file.
     *
     * @param <T> its result
     */
    @FunctionalInterface
    public interface Use<T> {
        T of(Path received);
    }

    /** Moves a part's file into the directory and removes it after its use, unless the use has moved it away. */
    public static <T> T with(Part part, Path temporary, Use<T> use) throws IOException {
        Path received = temporary.resolve("upload-" + UUID.randomUUID());
        try {
            part.write(received.toString());
            return use.of(received);
        } finally {
            Files.deleteIfExists(received);
        }
    }
}
