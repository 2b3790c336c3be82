package dev.luthier.server.api;

import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A request whose body has been read and can be read again, and which may stand at another address. */
final class RepeatableRequest extends HttpServletRequestWrapper {
    private final String path;
    private final byte @Nullable [] body;

    /** @param body the whole body; null when it has not been read yet */
    RepeatableRequest(HttpServletRequest request, String path, byte @Nullable [] body) {
        super(request);
        this.path = path;
        this.body = body;
    }

    @Override
    public String getRequestURI() {
        return path;
    }

    /** From the start of the body at each call, when it has been read. */
    @Override
    public ServletInputStream getInputStream() throws IOException {
        return body == null ? super.getInputStream() : new Replay(new ByteArrayInputStream(body));
    }

    private static final class Replay extends ServletInputStream {
        private final ByteArrayInputStream bytes;

        Replay(ByteArrayInputStream bytes) {
            this.bytes = bytes;
        }

        @Override
        public int read() {
            return bytes.read();
        }

        @Override
        public int read(byte[] into, int offset, int length) {
            return bytes.read(into, offset, length);
        }

        @Override
        public boolean isFinished() {
            return bytes.available() == 0;
        }

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public void setReadListener(ReadListener listener) {
            throw new UnsupportedOperationException("bodies are read on virtual threads");
        }
    }
}
