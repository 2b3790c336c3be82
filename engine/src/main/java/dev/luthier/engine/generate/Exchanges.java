package dev.luthier.engine.generate;

import com.sun.net.httpserver.HttpExchange;
import dev.luthier.core.json.Json;
import dev.luthier.core.problem.Problem;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/** Reading and writing the bodies of the worker's HTTP exchanges, in bounds. */
final class Exchanges {
    /** Enough for a prompt of a million tokens. */
    private static final int MAX_BODY_BYTES = 16 << 20;

    private Exchanges() {}

    /**
     * The request's body as UTF-8 text.
     *
     * @throws dev.luthier.core.problem.ProblemException of code {@code body_too_large}
     */
    static String readBody(HttpExchange exchange) throws IOException {
        byte[] bytes = exchange.getRequestBody().readNBytes(MAX_BODY_BYTES + 1);
        if (bytes.length > MAX_BODY_BYTES) {
            throw Problem.user("body_too_large", "The body has more than " + MAX_BODY_BYTES + " bytes.").asException();
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** Answers with a whole JSON body and ends the exchange. */
    static void sendJson(HttpExchange exchange, int status, String json) throws IOException {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(bytes);
        }
    }

    static void sendProblem(HttpExchange exchange, Problem problem) throws IOException {
        sendJson(exchange, status(problem), errorBody(problem));
    }

    /** The fault as vLLM words it: {@code {"error": {message, type, param, code}}}. */
    static String errorBody(Problem problem) {
        Map<String, @Nullable Object> error = new LinkedHashMap<>();
        error.put("message", problem.message());
        error.put("type", problem.code());
        error.put("param", problem.param());
        error.put("code", status(problem));
        return Json.write(Map.of("error", error));
    }

    private static int status(Problem problem) {
        return switch (problem.kind()) {
            case USER -> switch (problem.code()) {
                case "model_not_found", "not_found" -> 404;
                case "unauthorized" -> 401;
                case "method_not_allowed" -> 405;
                case "body_too_large" -> 413;
                default -> 400;
            };
            case RESOURCE -> 503;
            case INTERNAL -> 500;
        };
    }
}
