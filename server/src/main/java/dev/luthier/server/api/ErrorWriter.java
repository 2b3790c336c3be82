package dev.luthier.server.api;

import dev.luthier.core.problem.ProblemException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Set;
import org.springframework.web.util.DisconnectedClientHelper;

/** Writes a failure as the response, in the caller's dialect. */
final class ErrorWriter {
    /** Where Mistral's SDKs read a 422 with a list of faults. */
    private static final Set<String> INFERENCE = Set.of("chat", "fim", "embeddings", "classifications", "models",
            "moderations", "agents");
    /** Well-formed requests that this model cannot serve: 400 there as well. */
    private static final Set<String> STAYS_400 = Set.of("invalid_model", "context_length_exceeded",
            "chat_template_refusal");

    private ErrorWriter() {}

    /** Writes nothing when the client has gone or its response has begun: it then sees the connection end early. */
    static void write(Throwable thrown, HttpServletRequest request, HttpServletResponse response) throws IOException {
        // A problem may be caused by another broken connection, such as that to a worker.
        if (!(thrown instanceof ProblemException) && DisconnectedClientHelper.isClientDisconnectedException(thrown)) {
            return;
        }
        ApiFailure failure = Failures.of(thrown, request);
        if (response.isCommitted()) {
            return;
        }
        boolean unprocessable = failure.status() == 400 && isInference(request)
                && !STAYS_400.contains(failure.faults().getFirst().code());
        int status = unprocessable ? 422 : failure.status();
        response.resetBuffer();
        response.setStatus(status);
        failure.headers().forEach(response::setHeader);
        response.setContentType("application/json");
        response.setCharacterEncoding("UTF-8");
        String requestId = RequestId.of(request);
        response.setHeader(RequestId.HEADER, requestId);
        response.getOutputStream().write(WireJson.MAPPER
                .writeValueAsBytes(ErrorBody.of(Dialect.of(request), status, failure, requestId)));
        response.flushBuffer();
    }

    private static boolean isInference(HttpServletRequest request) {
        String[] steps = request.getRequestURI().split("/", 6);
        int version = steps.length > 1 && steps[1].equals("v1") ? 1 : 2;
        return Dialect.of(request).speaksMistral() && steps.length > version + 1
                && INFERENCE.contains(steps[version + 1]);
    }
}
