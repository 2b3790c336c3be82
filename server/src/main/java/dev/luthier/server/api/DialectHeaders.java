package dev.luthier.server.api;

import dev.luthier.server.key.Principal;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.TimeUnit;

/**
 * A response that gets the headers OpenAI's clients show, {@code openai-version}, {@code openai-organization} and
 * {@code openai-processing-ms}, at the moment its body begins: dialect and time are known by then, and not before.
 */
final class DialectHeaders extends HttpServletResponseWrapper {
    private static final String VERSION = "2020-10-01";

    private final HttpServletRequest request;
    private final long startNanos = System.nanoTime();
    private boolean complete;

    DialectHeaders(HttpServletRequest request, HttpServletResponse response) {
        super(response);
        this.request = request;
    }

    /** Sets the headers, if they are not set yet. For responses without a body it must be called at the end. */
    void complete() {
        if (complete || isCommitted()) {
            return;
        }
        complete = true;
        if (Dialect.of(request).speaksOpenAi()) {
            setHeader("openai-version", VERSION);
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
            setHeader("openai-processing-ms", Long.toString(millis));
            if (request.getAttribute(Principal.class.getName()) instanceof Principal principal) {
                setHeader("openai-organization", principal.organization());
            }
        }
    }

    @Override
    public ServletOutputStream getOutputStream() throws IOException {
        complete();
        return super.getOutputStream();
    }

    @Override
    public PrintWriter getWriter() throws IOException {
        complete();
        return super.getWriter();
    }

    @Override
    public void flushBuffer() throws IOException {
        complete();
        super.flushBuffer();
    }
}
