package dev.luthier.server.api.chat;

import dev.luthier.server.api.WireJson;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.databind.ObjectWriter;

/**
 * The body of an answer: one JSON value, or server-sent events. That a client has gone shows only when something is
 * written to it, so {@link #sign} writes something that means nothing from time to time: a space before the JSON value,
 * a comment between events. One thread.
 */
public final class AnswerOutput {
    private static final Duration QUIET = Duration.ofSeconds(1);
    private static final ObjectWriter VALUES = WireJson.MAPPER.writer().without(StreamWriteFeature.AUTO_CLOSE_TARGET);

    /** Thrown where nobody can answer for a connection that is closed. */
    public static final class ClientGone extends UncheckedIOException {
        private static final long serialVersionUID = 1L;

        ClientGone(IOException cause) {
            super(cause);
        }
    }

    private final HttpServletResponse response;
    private final String nothing;
    private long lastWriteNanos = System.nanoTime();

    private AnswerOutput(HttpServletResponse response, String type, String nothing) {
        this.response = response;
        this.nothing = nothing;
        response.setContentType(type);
    }

    /** For one JSON value. */
    public static AnswerOutput json(HttpServletResponse response) {
        return new AnswerOutput(response, "application/json", " ");
    }

    /** For server-sent events. */
    public static AnswerOutput events(HttpServletResponse response) {
        response.setHeader("Cache-Control", "no-cache");
        response.setHeader("X-Accel-Buffering", "no");
        return new AnswerOutput(response, "text/event-stream", ": waiting\n\n");
    }

    /**
     * Checks that the client is there, if nothing was written for a second.
     *
     * @throws ClientGone when it has gone
     */
    public void sign() {
        if (System.nanoTime() - lastWriteNanos >= QUIET.toNanos()) {
            try {
                write(nothing.getBytes(StandardCharsets.UTF_8));
                response.flushBuffer();
            } catch (IOException e) {
                throw new ClientGone(e);
            }
        }
    }

    /** Writes the JSON value. */
    public void value(Object json) throws IOException {
        try {
            VALUES.writeValue(response.getOutputStream(), json);
        } catch (JacksonIOException e) {
            throw e.getCause();
        }
    }

    /** Sends an event. */
    public void event(Object json) throws IOException {
        write(("data: " + WireJson.MAPPER.writeValueAsString(json) + "\n\n").getBytes(StandardCharsets.UTF_8));
        response.flushBuffer();
    }

    /** Sends the event that ends both vendors' streams. */
    public void done() throws IOException {
        write("data: [DONE]\n\n".getBytes(StandardCharsets.UTF_8));
        response.flushBuffer();
    }

    private void write(byte[] bytes) throws IOException {
        OutputStream out = response.getOutputStream();
        out.write(bytes);
        lastWriteNanos = System.nanoTime();
    }
}
