package dev.luthier.server.api;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A failure in a vendor's words.
 *
 * <p>Mistral: {@code {"object":"error","message","type","code":400,"detail":[{"type","loc","msg"}]}}, where
 * {@code detail} is the message itself when no part of the request is at fault. OpenAI:
 * {@code {"error":{"message","type","param","code"}}}. A caller of whom nothing is known gets both in one object.
 */
final class ErrorBody {
    /** Faults that the message tells; the list of details has more. */
    private static final int IN_MESSAGE = 5;

    /** What OpenAI's clients know a failure by; without a parameter, the fault's own counts. */
    private record OpenAiName(String code, @Nullable String param) {}

    private static final Map<String, OpenAiName> OPENAI_NAMES = Map.of(//
            "job_not_found", new OpenAiName("fine_tune_not_found", "fine_tune_id"), //
            "file_not_found", new OpenAiName("file_not_found", "id"), //
            "model_not_found", new OpenAiName("model_not_found", "model"), //
            "invalid_model", new OpenAiName("model_not_found", null));
    private static final Map<String, String> MISTRAL_TYPES = Map.of(RateLimitFilter.CODE, "rate_limited");

    private ErrorBody() {}

    static Map<String, Object> of(Dialect dialect, int status, ApiFailure failure, String requestId) {
        Map<String, Object> body = new LinkedHashMap<>();
        if (dialect != Dialect.OPENAI) {
            body.put("object", "error");
            body.put("message", message(failure));
            String code = failure.faults().getFirst().code();
            body.put("type", MISTRAL_TYPES.getOrDefault(code, code));
            body.put("code", status);
            body.put("detail", detail(status, failure));
            if (failure.total() > failure.faults().size()) {
                body.put("total_faults", failure.total());
            }
            body.put("request_id", requestId);
        }
        if (dialect.speaksOpenAi()) {
            body.put("error", openAi(status, failure));
        }
        return body;
    }

    private static Object detail(int status, ApiFailure failure) {
        boolean located = failure.faults().stream().anyMatch(fault -> !fault.location().isEmpty());
        if (!located && status != 422) {
            return message(failure);
        }
        List<Map<String, Object>> entries = new ArrayList<>();
        for (Fault fault : failure.faults()) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("type", fault.code());
            entry.put("loc", fault.location().isEmpty() ? List.of("body") : fault.location());
            entry.put("msg", fault.message());
            entries.add(entry);
        }
        return entries;
    }

    private static Map<String, @Nullable Object> openAi(int status, ApiFailure failure) {
        Fault first = failure.faults().getFirst();
        OpenAiName name = OPENAI_NAMES.get(first.code());
        Map<String, @Nullable Object> error = new LinkedHashMap<>();
        error.put("message", message(failure));
        error.put("type", switch (status) {
            case 403 -> "permission_error";
            case 429 -> "requests";
            default -> status >= 500 ? "server_error" : "invalid_request_error";
        });
        error.put("param", name == null || name.param() == null ? first.parameter() : name.param());
        error.put("code", name == null ? first.code() : name.code());
        return error;
    }

    private static String message(ApiFailure failure) {
        if (failure.faults().size() == 1) {
            return Objects.requireNonNull(failure.getMessage());
        }
        String listed = failure.faults().stream().limit(IN_MESSAGE).map(Fault::message)
                .collect(Collectors.joining(" "));
        return failure.total() > IN_MESSAGE
                ? failure.total() + " faults, of which the first " + IN_MESSAGE + " are: " + listed
                : failure.total() + " faults: " + listed;
    }
}
