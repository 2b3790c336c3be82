package dev.luthier.server.api;

import dev.luthier.core.problem.ProblemException;
import dev.luthier.server.key.Principal;
import dev.luthier.server.key.Scope;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.web.util.DisconnectedClientHelper;

/** Writes a failure as the response, in the caller's dialect. */
final class ErrorWriter {
    /** Where Mistral's SDKs read a 422 with a list of faults. */
    private static final Set<String> INFERENCE = Set.of("chat", "fim", "embeddings", "classifications", "models",
            "moderations", "agents");
    /** Well-formed requests that this model cannot serve: 400 there as well. */
    private static final Set<String> STAYS_400 = Set.of("invalid_model", "unsuitable_model",
            "context_length_exceeded", "chat_template_refusal");

    /** The header by which a response tells an SDK whether to repeat the request; a failure's own header wins. */
    static final String SHOULD_RETRY = "x-should-retry";
    private static final String RETRY_SECONDS = "5";

    private static final Logger LOG = LoggerFactory.getLogger(ErrorWriter.class);
    private static final int LOGGED_PATH = 200;

    private ErrorWriter() {}

    /**
     * Writes nothing when the client has gone or its response has begun.
     *
     * @return false in the latter case: the connection must then be broken, or half a response is taken for a whole one
     */
    static boolean write(Throwable thrown, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        // A problem may be caused by another broken connection, such as that to a worker.
        if (!(thrown instanceof ProblemException) && DisconnectedClientHelper.isClientDisconnectedException(thrown)) {
            return true;
        }
        ApiFailure failure = Failures.of(thrown, request);
        if (!(request.getAttribute(Principal.class.getName()) instanceof Principal caller)
                || !caller.role().has(Scope.INSTANCE)) {
            failure = failure.withoutPaths();
        }
        int status = status(failure, request);
        if (response.isCommitted()) {
            LOG.warn("{} {} broke off: {}", request.getMethod(), path(request), failure.faults().getFirst().code());
            return false;
        }
        if (status < 500) {
            log(request, status, failure.faults().getFirst().code());
        }
        response.resetBuffer();
        response.setStatus(status);
        retryAdvice(status).forEach(response::setHeader);
        failure.headers().forEach(response::setHeader);
        response.setContentType("application/json");
        response.setCharacterEncoding("UTF-8");
        String requestId = RequestId.of(request);
        response.setHeader(RequestId.HEADER, requestId);
        response.setContentLengthLong(-1); // it may be known of what was to be sent
        response.getOutputStream().write(WireJson.MAPPER
                .writeValueAsBytes(ErrorBody.of(Dialect.of(request), status, failure, requestId)));
        response.flushBuffer();
        return true;
    }

    /** Without message and query: they may hold what users wrote. */
    private static void log(HttpServletRequest request, int status, String code) {
        LOG.info("refused {} {} of {}: {} {}", request.getMethod(), path(request), request.getRemoteAddr(), status,
                code);
    }

    private static String path(HttpServletRequest request) {
        String path = request.getRequestURI();
        return path.substring(0, Math.min(LOGGED_PATH, path.length()));
    }

    private static int status(ApiFailure failure, HttpServletRequest request) {
        String code = failure.faults().getFirst().code();
        if (failure.status() == 400 && isInference(request) && !STAYS_400.contains(code)) {
            return 422;
        }
        return code.equals("invalid_model") && Dialect.of(request) == Dialect.OPENAI ? 404 : failure.status();
    }

    /* OpenAI's SDKs repeat 408, 409, 429 and everything from 500 by themselves, unless they are told what helps. */
    private static Map<String, String> retryAdvice(int status) {
        return switch (status) {
            case 409, 507 -> Map.of(SHOULD_RETRY, "false");
            case 429, 503 -> Map.of(SHOULD_RETRY, "true", "Retry-After", RETRY_SECONDS);
            default -> Map.of();
        };
    }

    private static boolean isInference(HttpServletRequest request) {
        String[] steps = request.getRequestURI().split("/", 6);
        int version = steps.length > 1 && steps[1].equals("v1") ? 1 : 2;
        return Dialect.of(request).speaksMistral() && steps.length > version + 1
                && INFERENCE.contains(steps[version + 1]);
    }
}
