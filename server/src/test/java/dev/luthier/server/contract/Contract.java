package dev.luthier.server.contract;

import dev.luthier.core.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Holds responses to the vendors' documents: JSON and chunks of streams of every route that a document has, and the
 * errors of every route of a dialect.
 */
public final class Contract {
    private static final String JSON = "application/json";
    private static final String EVENTS = "text/event-stream";
    private static final String DATA = "data: ";

    private Contract() {}

    /**
     * One exchange.
     *
     * @param path with the dialect's prefix, without the query
     * @param mediaType of the response, without parameters
     * @param openAi whether the response has the headers of OpenAI's dialect, which tells under bare {@code /v1}
     */
    public record Exchange(String method, String path, int status, String mediaType, boolean openAi, String body) {}

    /** Fails when a response is not as the document of its dialect says. */
    public static void check(Exchange exchange) {
        OfficialDocument document = document(exchange);
        if (document == null || exchange.body().isEmpty()) {
            return;
        }
        String path = exchange.path().startsWith("/v1/")
                ? document == OfficialDocument.OPENAI ? exchange.path().substring(3) : exchange.path()
                : exchange.path().substring(document.prefix().length());
        List<String> faults = exchange.status() >= 400
                ? errorFaults(document, path, exchange)
                : faults(document, path, exchange);
        if (!faults.isEmpty()) {
            throw new AssertionError(exchange.method() + " " + exchange.path() + " answered " + exchange.status()
                    + " with a body that " + document + " does not allow:\n" + String.join("\n", faults)
                    + "\n" + exchange.body());
        }
    }

    private static @Nullable OfficialDocument document(Exchange exchange) {
        String path = exchange.path();
        if (path.startsWith("/openai/v1/") || (path.startsWith("/v1/") && exchange.openAi())) {
            return OfficialDocument.OPENAI;
        }
        return path.startsWith("/mistral/v1/") || path.startsWith("/v1/") ? OfficialDocument.MISTRAL : null;
    }

    private static List<String> faults(OfficialDocument document, String path, Exchange exchange) {
        Optional<String> template = document.template(exchange.method(), path);
        if (template.isEmpty()) {
            return List.of();
        }
        Optional<JsonNode> schema = document.response(exchange.method(), template.get(), exchange.status(),
                exchange.mediaType());
        if (schema.isEmpty()) {
            return List.of();
        }
        List<String> faults = new ArrayList<>();
        for (JsonNode body : bodies(document, exchange)) {
            faults.addAll(document.faults(schema.get(), Deviation.without(document, exchange.path(), body)));
            if (document == OfficialDocument.MISTRAL) {
                faults.addAll(fineTuningFaults(exchange.path(), body));
            }
        }
        return faults;
    }

    /* A chunk of a stream is the data of an event in Mistral's document, and alone in OpenAI's. */
    private static List<JsonNode> bodies(OfficialDocument document, Exchange exchange) {
        if (exchange.mediaType().equals(JSON)) {
            return List.of(Json.parse(exchange.body()));
        }
        if (!exchange.mediaType().equals(EVENTS)) {
            return List.of();
        }
        return exchange.body().lines().filter(line -> line.startsWith(DATA) && !line.equals(DATA + "[DONE]"))
                .map(line -> Json.parse(line.substring(DATA.length()))).filter(chunk -> !chunk.has("error"))
                .map(chunk -> document == OfficialDocument.MISTRAL
                        ? (JsonNode) Json.MAPPER.createObjectNode().set("data", chunk)
                        : chunk)
                .toList();
    }

    /* The older published schemas of jobs hold as well. */
    private static List<String> fineTuningFaults(String path, JsonNode body) {
        if (!path.contains("/v1/fine_tuning/jobs") || !body.path("object").isString()) {
            return List.of();
        }
        String name = switch (body.get("object").stringValue()) {
            case "job" -> "FineTuningJob";
            case "list" -> "FineTuningJobList";
            default -> "";
        };
        if (name.isEmpty()) {
            return List.of();
        }
        List<String> faults = new ArrayList<>();
        ObjectNode checked = (ObjectNode) body.deepCopy();
        if (checked.path("data") instanceof ArrayNode jobs) {
            jobs.forEach(job -> faults.addAll(fineTuningFaults(path, job)));
            checked.putArray("data");
        }
        faults.addAll(OfficialDocument.MISTRAL_FINE_TUNING.faults(name,
                Deviation.without(OfficialDocument.MISTRAL_FINE_TUNING, path, checked)));
        return faults;
    }

    private static List<String> errorFaults(OfficialDocument document, String path, Exchange exchange) {
        if (!exchange.mediaType().equals(JSON)) {
            return List.of("an error must be JSON, not " + exchange.mediaType());
        }
        JsonNode body = Json.parse(exchange.body());
        if (document == OfficialDocument.OPENAI) {
            return document.faults("ErrorResponse", body);
        }
        List<String> faults = new ArrayList<>(OfficialDocument.MISTRAL_FINE_TUNING.faults("Error", body));
        document.template(exchange.method(), path)
                .flatMap(template -> document.response(exchange.method(), template, exchange.status(), JSON))
                .ifPresent(schema -> faults.addAll(document.faults(schema, body)));
        return faults;
    }
}
