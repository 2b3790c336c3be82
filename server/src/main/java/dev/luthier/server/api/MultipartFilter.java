package dev.luthier.server.api;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.file.Path;

/** Lets multipart bodies be received further in, and removes with the request what is left of them. */
public final class MultipartFilter extends HttpFilter {
    private static final long serialVersionUID = 1L;
    /** Room for the other parts of a body and its boundaries. */
    private static final long OVERHEAD_BYTES = 1 << 20;

    private final transient Path directory;
    private final long maxFileBytes;

    /**
     * @param directory for parts in transit
     * @param maxFileBytes of the largest file that any route takes
     */
    public MultipartFilter(Path directory, long maxFileBytes) {
        this.directory = directory;
        this.maxFileBytes = maxFileBytes;
    }

    @Override
    protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        if (!UploadForm.isMultipart(request)) {
            chain.doFilter(request, response);
            return;
        }
        MultipartBody body = MultipartBody.prepare(request, directory, maxFileBytes + OVERHEAD_BYTES);
        try {
            chain.doFilter(request, response);
        } finally {
            body.discard();
        }
    }
}
