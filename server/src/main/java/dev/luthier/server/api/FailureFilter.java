package dev.luthier.server.api;

import dev.luthier.server.store.StorageHealth;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.slf4j.MDC;
import org.springframework.web.servlet.HandlerExceptionResolver;
import org.springframework.web.servlet.ModelAndView;

/**
 * The outermost filter but one: names the request, in the log too, puts the headers of its dialect on the response,
 * answers for everything that is thrown inside, and gives the memory of the request's body back.
 */
public final class FailureFilter extends HttpFilter {
    private static final long serialVersionUID = 1L;

    private final transient StorageHealth storage;

    public FailureFilter(StorageHealth storage) {
        this.storage = storage;
    }

    @Override
    protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        response.setHeader(RequestId.HEADER, RequestId.of(request));
        DialectHeaders headed = new DialectHeaders(request, response);
        try (MDC.MDCCloseable _ = MDC.putCloseable("request", RequestId.of(request))) {
            answer(request, headed, chain);
        }
    }

    private void answer(HttpServletRequest request, DialectHeaders headed, FilterChain chain)
            throws IOException, ServletException {
        try {
            chain.doFilter(request, headed);
        } catch (IOException | ServletException | RuntimeException e) {
            Throwable cause = e instanceof ServletException && e.getCause() != null ? e.getCause() : e;
            if (!ErrorWriter.write(named(cause, storage), request, headed)) {
                throw e; // the server then breaks the connection
            }
        } finally {
            JsonBody.release(request);
        }
        headed.complete();
    }

    /** What Spring's dispatcher calls for an exception of a controller; the controller's request knows its dialect. */
    public static HandlerExceptionResolver controllerFailures(StorageHealth storage) {
        return (request, response, handler, thrown) -> {
            if (response.isCommitted()) {
                return null; // left to the filter
            }
            try {
                ErrorWriter.write(named(thrown, storage), request, response);
            } catch (IOException e) {
                // The client has gone; nobody is left to tell.
            }
            return new ModelAndView();
        };
    }

    /* A full disk is met anywhere, and is to be called by its name everywhere. */
    private static Throwable named(Throwable thrown, StorageHealth storage) {
        return storage.note(thrown).<Throwable>map(problem -> problem.asException(thrown)).orElse(thrown);
    }
}
