package dev.luthier.server.api;

import dev.luthier.server.idempotency.Answer;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A response that is held back until it is whole, so that it can be kept before the client sees it. One that grows too
 * large or turns out to be a stream of events passes through from then on, and is not recorded.
 */
final class RecordedResponse extends HttpServletResponseWrapper {
    private final int maxBytes;
    private final Set<String> headersBefore;
    private final ByteArrayOutputStream held = new ByteArrayOutputStream();
    private final ServletOutputStream output = new Output();
    private boolean passes;

    RecordedResponse(HttpServletResponse response, int maxBytes) {
        super(response);
        this.maxBytes = maxBytes;
        this.headersBefore = new HashSet<>(lowerCase(response.getHeaderNames()));
    }

    private static Set<String> lowerCase(Iterable<String> names) {
        Set<String> lower = new HashSet<>();
        names.forEach(name -> lower.add(name.toLowerCase(Locale.ROOT)));
        return lower;
    }

    /** The response as it stands, without the headers that were there before; null when it has passed through. */
    @Nullable
    Answer answer(String requestHash) {
        if (passes) {
            return null;
        }
        Map<String, String> headers = new LinkedHashMap<>();
        for (String name : lowerCase(getHeaderNames())) {
            if (!headersBefore.contains(name) && !name.equals("content-length")) {
                headers.put(name, Objects.requireNonNull(getHeader(name)));
            }
        }
        if (getContentType() != null) {
            headers.put("content-type", getContentType());
        }
        return new Answer(requestHash, getStatus(), headers, held.toByteArray());
    }

    /** Sends what is held back. */
    void send() throws IOException {
        if (!passes) {
            pass();
        }
    }

    private void pass() throws IOException {
        passes = true;
        held.writeTo(super.getOutputStream());
        held.reset();
    }

    @Override
    public ServletOutputStream getOutputStream() {
        return output;
    }

    @Override
    public PrintWriter getWriter() {
        return new PrintWriter(new OutputStreamWriter(output, StandardCharsets.UTF_8), true);
    }

    @Override
    public void flushBuffer() throws IOException {
        if (passes) {
            super.flushBuffer();
        }
    }

    @Override
    public boolean isCommitted() {
        return passes && super.isCommitted();
    }

    @Override
    public void resetBuffer() {
        held.reset();
        super.resetBuffer();
    }

    @Override
    public void reset() {
        held.reset();
        super.reset();
    }

    /** Holds bytes back until the response passes through. */
    private final class Output extends ServletOutputStream {
        @Override
        public void write(int value) throws IOException {
            write(new byte[]{(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            if (!passes && (held.size() + length > maxBytes || isEventStream())) {
                pass();
            }
            if (passes) {
                RecordedResponse.super.getOutputStream().write(bytes, offset, length);
            } else {
                held.write(bytes, offset, length);
            }
        }

        @Override
        public void flush() throws IOException {
            if (passes) {
                RecordedResponse.super.getOutputStream().flush();
            }
        }

        private boolean isEventStream() {
            return getContentType() != null && getContentType().startsWith("text/event-stream");
        }

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public void setWriteListener(WriteListener listener) {
            throw new UnsupportedOperationException("responses are written on virtual threads");
        }
    }
}
