package dev.luthier.server.api;

import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.regex.Pattern;

/** Tells a route that nobody knows from one of the vendors' that is not built yet. */
final class UnknownRoutes {
    private static final List<Pattern> NOT_BUILT = List.of(
            Pattern.compile("/mistral/v1/(fim/completions|embeddings|moderations"
                    + "|chat/moderations|batch/jobs.*|ocr|agents.*|conversations.*|libraries.*|audio/.*)"),
            Pattern.compile("/openai/v1/(embeddings|batches.*|responses.*|moderations|images/.*|audio/.*|assistants.*"
                    + "|threads.*|vector_stores.*|evals.*|conversations.*|containers.*|realtime/.*|videos.*"
                    + "|fine_tuning/alpha/.*|chat/completions/.*)"));

    private UnknownRoutes() {}

    static ApiFailure failure(HttpServletRequest request) {
        String path = request.getRequestURI();
        String route = request.getMethod() + " " + RoutingFilter.askedPath(request);
        if (NOT_BUILT.stream().anyMatch(pattern -> pattern.matcher(path).matches())) {
            return ApiFailure.of(404, "not_built", "The route " + route + " is not built yet.");
        }
        return ApiFailure.of(404, "unknown_route", "There is no route " + route
                + ". The API is under /mistral/v1, /openai/v1, /v1 and /luthier/v1.");
    }
}
