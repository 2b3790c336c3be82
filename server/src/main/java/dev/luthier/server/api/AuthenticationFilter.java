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

    private static final int SHOWN = 4;
    private static final int MASKED_FROM = 20;

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

    /** Who makes the request; not on open routes. */
    static Principal principal(HttpServletRequest request) {
        if (request.getAttribute(Principal.class.getName()) instanceof Principal principal) {
            return principal;
        }
        throw new IllegalStateException(request.getRequestURI() + " is open to everyone");
    }
}
