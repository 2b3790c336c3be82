package dev.luthier.server.api;

import jakarta.servlet.http.HttpServletRequest;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.util.concurrent.TimeUnit;

/** The body of a request whose client must keep sending: one that stops, or trickles, is ended with 408. */
final class SteadyInput extends FilterInputStream {
    private static final long GRACE_SECONDS = 60;
    private static final long BYTES_PER_SECOND = 1_000;

    private final long startNanos = System.nanoTime();
    private long received;

    SteadyInput(HttpServletRequest request) throws IOException {
        this(request.getInputStream());
    }

    SteadyInput(InputStream body) {
        super(body);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        int count;
        try {
            count = in.read(into, offset, length);
        } catch (SocketTimeoutException e) {
            throw tooSlow();
        }
        received += Math.max(0, count);
        long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startNanos);
        if (seconds > GRACE_SECONDS + received / BYTES_PER_SECOND) {
            throw tooSlow();
        }
        return count;
    }

    private static ApiFailure tooSlow() {
        return ApiFailure.of(408, "request_timeout", "The body of the request came too slowly: at least "
                + BYTES_PER_SECOND + " bytes a second are expected. Send the request again.");
    }
}
