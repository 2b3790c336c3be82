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
import java.util.function.Supplier;

/** Lets nobody in without a key but to routes that declare that they need none; it runs before a body is read. */
public final class AuthenticationFilter extends HttpFilter {
    private static final long serialVersionUID = 1L;
    private static final Map<String, String> CHALLENGE = Map.of("WWW-Authenticate", "Bearer");

    private static final int SHOWN = 4;
    private static final int MASKED_FROM = 20;

    private final transient KeyStore keys;
    private final transient Supplier<RouteScopes> routes;

    /** @param routes asked for when requests come: filters are made before the routes are known */
    public AuthenticationFilter(KeyStore keys, Supplier<RouteScopes> routes) {
        this.keys = keys;
        this.routes = routes;
    }

    @Override
    protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        if (!routes.get().isOpen(request.getRequestURI())) {
            request.setAttribute(Principal.class.getName(), authenticate(request));
        }
        chain.doFilter(request, response);
    }

    private Principal authenticate(HttpServletRequest request) {
        String header = request.getHeader("Authorization");
        if (header == null || header.isBlank()) {
            throw missing();
        }
        String[] parts = header.strip().split("\\s+", 2);
        if (parts.length != 2 || !parts[0].toLowerCase(Locale.ROOT).equals("bearer")) {
            throw failure("The Authorization header must be \"Bearer KEY\".");
        }
        Principal principal = keys.authenticate(parts[1])
                .orElseThrow(() -> failure("Incorrect API key provided: " + masked(parts[1])
                        + ". It is unknown or revoked. Ask the server's administrator for another one."));
        if (Dialect.of(request).speaksOpenAi()) {
            checkScope(request, "OpenAI-Organization", "organization", principal.organization());
            checkScope(request, "OpenAI-Project", "project", principal.project());
        }
        return principal;
    }

    /* The answer is the same whether what the header names exists or not. */
    private static void checkScope(HttpServletRequest request, String header, String what, String own) {
        String named = request.getHeader(header);
        if (named != null && !named.isBlank() && !named.strip().equals(own)) {
            throw ApiFailure.of(401, "mismatched_" + what, "The " + header + " header should match the " + what
                    + " of the API key, which is " + own + ". Send that, or leave the header out.");
        }
    }

    /** The ends of a key, enough to recognise it by; nothing of one that is short. */
    static String masked(String key) {
        if (key.length() < MASKED_FROM) {
            return "…";
        }
        String hint = key.substring(0, SHOWN) + "…" + key.substring(key.length() - SHOWN);
        return hint.replaceAll("[^!-~\u2026]", "?");
    }

    private static ApiFailure failure(String message) {
        return ApiFailure.of(401, "invalid_api_key", message, CHALLENGE);
    }

    /** Who makes the request; 401 when it came by an open address. */
    static Principal principal(HttpServletRequest request) {
        if (request.getAttribute(Principal.class.getName()) instanceof Principal principal) {
            return principal;
        }
        throw missing();
    }

    private static ApiFailure missing() {
        return failure("The API key is missing. Send it as \"Authorization: Bearer KEY\".");
    }
}
