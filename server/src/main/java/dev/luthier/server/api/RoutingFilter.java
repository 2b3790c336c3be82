package dev.luthier.server.api;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * Sends bare {@code /v1} addresses to the routes of their dialect. When a job is made or a chat answered and nothing else
 * tells the dialect, the keys of the body do.
 */
public final class RoutingFilter extends HttpFilter {
    private static final long serialVersionUID = 1L;
    private static final String JOBS = "/v1/fine_tuning/jobs";
    private static final String CHAT = "/v1/chat/completions";
    private static final List<String> MISTRAL_CHAT = List.of("random_seed", "safe_prompt", "prompt_mode", "guardrails");
    private static final List<String> OPENAI_CHAT = List.of("max_completion_tokens", "seed", "logprobs", "top_logprobs",
            "logit_bias", "stream_options", "functions", "function_call", "modalities", "audio", "verbosity",
            "web_search_options", "prompt_cache_retention", "prompt_cache_options", "moderation");

    private final transient JsonBody jsonBody;

    public RoutingFilter(JsonBody jsonBody) {
        this.jsonBody = jsonBody;
    }

    @Override
    protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        String path = request.getRequestURI();
        if (!path.startsWith("/v1/")) {
            chain.doFilter(request, response);
            return;
        }
        byte[] body = null;
        boolean open = Dialect.of(request) == Dialect.EITHER;
        if (open && request.getMethod().equals("POST") && (path.equals(JOBS) || path.equals(CHAT))) {
            body = jsonBody.readBytes(request);
            JsonNode json = jsonBody.parse(body);
            (path.equals(JOBS) ? ofJob(json) : ofChat(json)).mark(request);
        } else if (open && path.startsWith("/v1/fine_tuning/")) {
            Dialect.MISTRAL.mark(request);
        }
        String prefix = Dialect.of(request) == Dialect.OPENAI ? "/openai" : "/mistral";
        chain.doFilter(new RepeatableRequest(request, prefix + path, body), response);
    }

    /** The path that the client asked for, before bare {@code /v1} was sent on. */
    static String askedPath(HttpServletRequest request) {
        HttpServletRequest asked = request;
        while (asked instanceof HttpServletRequestWrapper wrapper
                && wrapper.getRequest() instanceof HttpServletRequest inner) {
            asked = inner;
        }
        return asked.getRequestURI();
    }

    private static Dialect ofJob(JsonNode body) {
        boolean mistral = List.of("training_files", "auto_start", "job_type").stream().anyMatch(body::has);
        return body.has("training_file") && !mistral ? Dialect.OPENAI : Dialect.MISTRAL;
    }

    private static Dialect ofChat(JsonNode body) {
        boolean mistral = MISTRAL_CHAT.stream().anyMatch(body::has);
        return !mistral && OPENAI_CHAT.stream().anyMatch(body::has) ? Dialect.OPENAI : Dialect.EITHER;
    }
}
