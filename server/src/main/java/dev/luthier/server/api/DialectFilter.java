package dev.luthier.server.api;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Collections;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Tells the dialect by address, and under bare {@code /v1} by what the client says of itself, then routes that
 * only one vendor has, then the form of the id in the path, then the keys of the query. The first hit wins.
 */
public final class DialectFilter extends HttpFilter {
    private static final long serialVersionUID = 1L;

    private static final Pattern OPENAI_AGENT = Pattern
            .compile("(openai/|asyncopenai/|openaiclient|azureopenai/|asyncazureopenai/|ktor|openai-client-base/"
                    + "|openapi-generator/.*/rust).*");
    private static final Pattern OPENAI_ID = Pattern.compile("/v1/.*/?(ftjob-|file-|batch_|upload_)[A-Za-z0-9]+(/.*)?");
    private static final Pattern MISTRAL_ID = Pattern
            .compile("/v1/(fine_tuning/jobs|files)/\\p{XDigit}{8}-(\\p{XDigit}{4}-){3}\\p{XDigit}{12}(/.*)?");
    private static final Pattern MISTRAL_KEYS = Pattern.compile("(.*&)?(page|page_size)=.*");
    private static final Pattern OPENAI_KEYS = Pattern
            .compile("(.*&)?(after|limit|metadata(\\[|%5[Bb])[^&]*)=.*");
    private static final Pattern MISTRAL_ONLY = Pattern.compile(
            "/v1/(fim/.*|classifications|chat/classifications|batch/jobs.*|fine_tuning/models/.*|ocr|agents/.*"
                    + "|fine_tuning/jobs/[^/]+/start|files/[^/]+/url)");
    private static final Pattern OPENAI_ONLY = Pattern.compile("/v1/(batches.*|uploads.*|completions|responses.*"
            + "|fine_tuning/(checkpoints|alpha)/.*|fine_tuning/jobs/[^/]+/(events|checkpoints|pause|resume))");

    @Override
    protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        dialect(request).mark(request);
        chain.doFilter(request, response);
    }

    private static Dialect dialect(HttpServletRequest request) {
        String path = request.getRequestURI();
        if (path.startsWith("/mistral/")) {
            return Dialect.MISTRAL;
        }
        if (path.startsWith("/openai/")) {
            return Dialect.OPENAI;
        }
        return path.startsWith("/v1/") ? detect(request, path) : Dialect.LUTHIER;
    }

    private static Dialect detect(HttpServletRequest request, String path) {
        Dialect said = byHeaders(request);
        if (said != null) {
            return said;
        }
        if (OPENAI_ONLY.matcher(path).matches()) {
            return Dialect.OPENAI;
        }
        if (MISTRAL_ONLY.matcher(path).matches()) {
            return Dialect.MISTRAL;
        }
        if (OPENAI_ID.matcher(path).matches()) {
            return Dialect.OPENAI;
        }
        if (MISTRAL_ID.matcher(path).matches()) {
            return path.startsWith("/v1/files/") ? Dialect.EITHER : Dialect.MISTRAL;
        }
        String query = request.getQueryString() == null ? "" : request.getQueryString();
        if (MISTRAL_KEYS.matcher(query).matches()) {
            return Dialect.MISTRAL;
        }
        if (OPENAI_KEYS.matcher(query).matches()) {
            return Dialect.OPENAI;
        }
        return Dialect.EITHER;
    }

    private static @Nullable Dialect byHeaders(HttpServletRequest request) {
        String agent = request.getHeader("User-Agent") == null
                ? ""
                : request.getHeader("User-Agent").toLowerCase(Locale.ROOT);
        if (agent.startsWith("mistral-client-") || request.getHeader("x-mistral-user-agent") != null) {
            return Dialect.MISTRAL;
        }
        boolean stainless = Collections.list(request.getHeaderNames()).stream()
                .anyMatch(name -> name.toLowerCase(Locale.ROOT).startsWith("x-stainless-"));
        return stainless || OPENAI_AGENT.matcher(agent).matches() ? Dialect.OPENAI : null;
    }
}
