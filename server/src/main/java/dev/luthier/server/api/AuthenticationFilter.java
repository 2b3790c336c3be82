package dev.luthier.server.api;

import dev.luthier.server.key.KeyStore;
import dev.luthier.server.key.Principal;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;

/** Lets nobody in without a key but to health and signed links; it runs before a body is read. */
public final class AuthenticationFilter extends HttpFilter {
    private static final long serialVersionUID = 1L;
    private static final Map<String, String> CHALLENGE = Map.of("WWW-Authenticate", "Bearer");

    private final transient KeyStore keys;

    public AuthenticationFilter(KeyStore keys) {
        this.keys = keys;
    }

    @Override
    protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        if (!isOpen(request.getRequestURI())) {
            request.setAttribute(Principal.class.getName(), authenticate(request));
        }
        chain.doFilter(request, response);
    }

    /* Whatever is not named here needs a key, however its address is written. */
    private static boolean isOpen(String path) {
        return path.equals("/health") || path.startsWith("/luthier/v1/signed/");
    }

    private Principal authenticate(HttpServletRequest request) {
        String header = request.getHeader("Authorization");
        if (header == null || header.isBlank()) {
            throw failure("The API key is missing. Send it as \"Authorization: Bearer KEY\".");
        }
        String[] parts = header.strip().split("\\s+", 2);
        if (parts.length != 2 || !parts[0].toLowerCase(Locale.ROOT).equals("bearer")) {
            throw failure("The Authorization header must be \"Bearer KEY\".");
        }
        return keys.authenticate(parts[1]).orElseThrow(
                () -> failure("The API key is unknown or revoked. Ask the server's administrator for another one."));
    }

    private static ApiFailure failure(String message) {
        return ApiFailure.of(401, "invalid_api_key", message, CHALLENGE);
    }

    /** Who makes the request; not on open routes. */
    static Principal principal(HttpServletRequest request) {
        if (request.getAttribute(Principal.class.getName()) instanceof Principal principal) {
            return principal;
        }
        throw new IllegalStateException(request.getRequestURI() + " is open to everyone");
    }
}
