package dev.luthier.server.api;

import dev.luthier.core.digest.Sha256;
import dev.luthier.core.storage.StorageFault;
import jakarta.servlet.http.HttpServletRequest;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.apache.tomcat.util.http.fileupload.FileItemIterator;
import org.apache.tomcat.util.http.fileupload.FileItemStream;
import org.apache.tomcat.util.http.fileupload.FileUpload;
import org.apache.tomcat.util.http.fileupload.InvalidFileNameException;
import org.apache.tomcat.util.http.fileupload.UploadContext;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a {@code multipart/form-data} request. They are received and hashed when someone first asks for them, in
 * bounded memory; whoever asks next gets the same. The container's own reader is not used: it puts parts without a file
 * name into memory whole, and some SDKs send large ones so. One thread at a time.
 */
final class MultipartBody {
    private static final String ATTRIBUTE = MultipartBody.class.getName();
    private static final int MAX_PARTS = 64;
    private static final int MAX_PART_HEADER_BYTES = 4 << 10;
    /** Of all parts together; a further one becomes a file. */
    private static final int IN_MEMORY_BYTES = 64 << 10;
    private static final int CHUNK_BYTES = 64 << 10;

    private final Path directory;
    private final long maxBytes;
    private final List<ReceivedPart> parts = new ArrayList<>();
    private int inMemory;
    private boolean received;
    private @Nullable ApiFailure failure;

    private MultipartBody(Path directory, long maxBytes) {
        this.directory = directory;
        this.maxBytes = maxBytes;
    }

    /**
     * Lets the parts of a request be received.
     *
     * @param directory where long parts are kept until {@link #discard}
     * @param maxBytes of the whole body
     */
    static MultipartBody prepare(HttpServletRequest request, Path directory, long maxBytes) {
        MultipartBody body = new MultipartBody(directory, maxBytes);
        request.setAttribute(ATTRIBUTE, body);
        return body;
    }

    /**
     * The parts of a request, in their order.
     *
     * @throws ApiFailure 400 when the body is not well formed, 413 when it is too large
     */
    static List<ReceivedPart> parts(HttpServletRequest request) {
        MultipartBody body = (MultipartBody) Objects.requireNonNull(request.getAttribute(ATTRIBUTE));
        if (!body.received) {
            body.received = true;
            try {
                body.receive(request);
            } catch (ApiFailure e) {
                body.failure = e;
            }
        }
        if (body.failure != null) {
            throw body.failure;
        }
        return List.copyOf(body.parts);
    }

    private void receive(HttpServletRequest request) {
        if (request.getContentLengthLong() > maxBytes) {
            throw tooLarge();
        }
        FileUpload reader = new FileUpload();
        reader.setHeaderEncoding("UTF-8");
        reader.setPartHeaderSizeMax(MAX_PART_HEADER_BYTES);
        try {
            FileItemIterator items = reader.getItemIterator(new Body(request, maxBytes));
            while (items.hasNext()) {
                if (parts.size() == MAX_PARTS) {
                    throw malformed("It has more than " + MAX_PARTS + " parts.");
                }
                FileItemStream item = items.next();
                try (InputStream content = item.openStream()) {
                    receive(item, content);
                }
            }
            if (parts.isEmpty()) {
                throw malformed("It has no part behind the boundary that the Content-Type names.");
            }
        } catch (TooLarge e) {
            throw tooLarge();
        } catch (InvalidFileNameException e) {
            throw malformed("A file name holds a NUL character.");
        } catch (IOException e) {
            if (e.getCause() instanceof TooLarge) {
                throw tooLarge();
            }
            if (StorageFault.in(e).isPresent()) {
                throw new UncheckedIOException(e); // no fault of the client's
            }
            throw malformed("Send a complete multipart/form-data body with its boundary, and part headers of at most "
                    + MAX_PART_HEADER_BYTES + " bytes.");
        }
    }

    private void receive(FileItemStream item, InputStream content) throws IOException {
        String filename = item.getName();
        MessageDigest digest = Sha256.start();
        Path file = directory.resolve("part-" + UUID.randomUUID());
        int room = IN_MEMORY_BYTES - inMemory;
        byte[] start = content.readNBytes(room);
        digest.update(start);
        long size = start.length;
        int next = start.length < room ? -1 : content.read();
        if (next >= 0) {
            size = 0;
            // Noted before its first byte arrives, so that it goes with the request whatever happens.
            parts.add(new ReceivedPart(item.getFieldName(), filename, null, -1, "", new byte[0], file));
            digest.update((byte) next);
            size = start.length + 1 + copy(content, start, next, file, digest);
            parts.removeLast();
        }
        inMemory += next >= 0 ? 0 : start.length;
        parts.add(new ReceivedPart(item.getFieldName(), filename, item.getContentType(), size,
                Sha256.hex(digest), next >= 0 ? new byte[0] : start, file));
    }

    /** Bytes after the first ones. A fault of the disk is the server's, not the client's. */
    private static long copy(InputStream content, byte[] start, int next, Path file, MessageDigest digest)
            throws IOException {
        try (OutputStream out = open(file)) {
            write(out, start, start.length);
            write(out, new byte[]{(byte) next}, 1);
            byte[] chunk = new byte[CHUNK_BYTES];
            long size = 0;
            for (int read = content.read(chunk); read >= 0; read = content.read(chunk)) {
                digest.update(chunk, 0, read);
                write(out, chunk, read);
                size += read;
            }
            return size;
        }
    }

    private static OutputStream open(Path file) {
        try {
            return Files.newOutputStream(file, StandardOpenOption.CREATE_NEW);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void write(OutputStream out, byte[] bytes, int count) {
        try {
            out.write(bytes, 0, count);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Removes what is left of the parts. */
    void discard() throws IOException {
        for (ReceivedPart part : parts) {
            part.discard();
        }
    }

    private static ApiFailure malformed(String reason) {
        return ApiFailure.invalid(List.of(
                new Fault("malformed_multipart", "The multipart body cannot be read. " + reason, List.of("body"))));
    }

    private ApiFailure tooLarge() {
        return ApiFailure.of(413, "file_too_large", "The body is larger than the " + maxBytes
                + " bytes that this server accepts. Split the file, or send it as an upload in parts.");
    }

    /** More bytes than a body may have. */
    private static final class TooLarge extends IOException {
        private static final long serialVersionUID = 1L;
    }

    /** What the reader wants to know of a request. */
    private record Body(HttpServletRequest request, long maxBytes) implements UploadContext {
        @Override
        public long contentLength() {
            return request.getContentLengthLong();
        }

        @Override
        public @Nullable String getCharacterEncoding() {
            return "UTF-8";
        }

        @Override
        public @Nullable String getContentType() {
            return request.getContentType();
        }

        @Override
        public InputStream getInputStream() throws IOException {
            return new Bounded(new SteadyInput(request), maxBytes);
        }
    }

    private static final class Bounded extends FilterInputStream {
        private long left;

        Bounded(InputStream input, long maxBytes) {
            super(input);
            this.left = maxBytes;
        }

        @Override
        public int read() throws IOException {
            int read = in.read();
            count(read < 0 ? 0 : 1);
            return read;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int read = in.read(into, offset, length);
            count(Math.max(0, read));
            return read;
        }

        private void count(int read) throws TooLarge {
            left -= read;
            if (left < 0) {
                throw new TooLarge();
            }
        }
    }
}
