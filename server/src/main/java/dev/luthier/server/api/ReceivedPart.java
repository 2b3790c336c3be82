package dev.luthier.server.api;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** One part of a multipart body: a short one in memory, a longer one in a file that goes with the request. */
public final class ReceivedPart {
    private final String name;
    private final @Nullable String filename;
    private final @Nullable String contentType;
    private final long sizeBytes;
    private final String sha256;
    private final byte[] start;
    private final Path file;

    /**
     * @param start the whole content, unless {@code file} exists and has it
     * @param file where the content is, or may be put
     */
    ReceivedPart(String name, @Nullable String filename, @Nullable String contentType, long sizeBytes, String sha256,
            byte[] start, Path file) {
        this.name = name;
        this.filename = filename;
        this.contentType = contentType;
        this.sizeBytes = sizeBytes;
        this.sha256 = sha256;
        this.start = start;
        this.file = file;
    }

    public String name() {
        return name;
    }

    /** As the client wrote it, folders included; null of a part that is not called a file. */
    public @Nullable String filename() {
        return filename;
    }

    public @Nullable String contentType() {
        return contentType;
    }

    public long sizeBytes() {
        return sizeBytes;
    }

    /** Lower-case hex, of the content. */
    public String sha256() {
        return sha256;
    }

    /** The content as a file of its own, on the file system of the data directory; whoever wants it may move it away. */
    public Path file() throws IOException {
        if (start.length == sizeBytes && !Files.exists(file)) {
            Files.write(file, start);
        }
        return file;
    }

    /** The content. */
    InputStream open() throws IOException {
        return start.length == sizeBytes ? new ByteArrayInputStream(start) : Files.newInputStream(file);
    }

    /** Removes the file, if there still is one. */
    void discard() throws IOException {
        Files.deleteIfExists(file);
    }
}
