package dev.luthier.server.api;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
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
        chain.doFilter(new Routed(request, prefix + path, body), response);
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

    /** A request at another address, whose body can be read although it has been read before. */
    private static final class Routed extends HttpServletRequestWrapper {
        private final String path;
        private final byte @Nullable [] body;

        Routed(HttpServletRequest request, String path, byte @Nullable [] body) {
            super(request);
            this.path = path;
            this.body = body;
        }

        @Override
        public String getRequestURI() {
            return path;
        }

        @Override
        public ServletInputStream getInputStream() throws IOException {
            return body == null ? super.getInputStream() : new Replay(new ByteArrayInputStream(body));
        }
    }

    private static final class Replay extends ServletInputStream {
        private final ByteArrayInputStream bytes;

        Replay(ByteArrayInputStream bytes) {
            this.bytes = bytes;
        }

        @Override
        public int read() {
            return bytes.read();
        }

        @Override
        public int read(byte[] into, int offset, int length) {
            return bytes.read(into, offset, length);
        }

        @Override
        public boolean isFinished() {
            return bytes.available() == 0;
        }

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public void setReadListener(ReadListener listener) {
            throw new UnsupportedOperationException("bodies are read on virtual threads");
        }
    }
}
