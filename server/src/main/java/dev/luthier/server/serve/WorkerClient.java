package dev.luthier.server.serve;

import dev.luthier.core.json.Json;
import dev.luthier.core.problem.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Speaks to one inference worker in vLLM's words. Faults of the connection are {@link IOException}s, so that the caller
 * can tell a dead worker from one that refuses.
 */
final class WorkerClient {
    private static final Duration CONTROL_TIMEOUT = Duration.ofSeconds(60);

    private final HttpClient http;
    private final URI base;
    private final String authorization;
    private final String modelName;

    /**
     * @param secret that the worker was started with
     * @param modelName under which the worker has its base model
     */
    WorkerClient(HttpClient http, URI base, String secret, String modelName) {
        this.http = http;
        this.base = base;
        this.authorization = "Bearer " + secret;
        this.modelName = modelName;
    }

    /** Tokens that a prompt and its answer may have together. */
    int maxContext() throws IOException {
        JsonNode models = control(request("/v1/models").GET());
        for (JsonNode card : models.path("data")) {
            if (card.path("id").asString("").equals(modelName)) {
                return card.path("max_model_len").intValue();
            }
        }
        throw new IOException("the worker does not list its base model");
    }

    void loadAdapter(AdapterReference adapter) throws IOException {
        post("/v1/load_lora_adapter",
                Map.of("lora_name", adapter.name(), "lora_path", adapter.directory().toString()));
    }

    void unloadAdapter(String name) throws IOException {
        post("/v1/unload_lora_adapter", Map.of("lora_name", name));
    }

    /** Starts a generation and returns its answer's body, a stream of server-sent events. */
    InputStream complete(@Nullable String adapter, GenerationSpec spec, int maxTokens) throws IOException {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("model", adapter == null ? modelName : adapter);
        body.put("prompt", spec.prompt());
        body.put("max_tokens", maxTokens);
        body.put("stream", true);
        body.put("return_token_ids", true);
        putSampling(body, spec.sampling());
        if (spec.logprobs() != null) {
            body.put("logprobs", spec.logprobs());
            body.put("return_tokens_as_token_ids", true);
        }
        if (!spec.stopTokens().isEmpty()) {
            body.put("stop_token_ids", spec.stopTokens());
        }
        HttpResponse<InputStream> response = send(json("/v1/completions", body), BodyHandlers.ofInputStream());
        if (response.statusCode() == 200) {
            return response.body();
        }
        try (InputStream answer = response.body()) {
            throw refused(response.statusCode(), new String(answer.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    /** Asks for one token, since none cannot be asked for, and for the log-probabilities of the prompt's. */
    List<TokenScore> score(@Nullable String adapter, int[] prompt, int alternatives) throws IOException {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("model", adapter == null ? modelName : adapter);
        body.put("prompt", prompt);
        body.put("max_tokens", 1);
        body.put("temperature", 0);
        body.put("return_token_ids", true);
        body.put("prompt_logprobs", alternatives);
        HttpResponse<String> response = send(json("/v1/completions", body), BodyHandlers.ofString());
        if (response.statusCode() != 200) {
            throw refused(response.statusCode(), response.body());
        }
        try {
            JsonNode reported = Json.parse(response.body()).at("/choices/0/prompt_logprobs");
            List<TokenScore> scores = new ArrayList<>();
            for (int i = 1; i < prompt.length; i++) {
                scores.add(score(prompt[i], reported.path(i), alternatives));
            }
            return scores;
        } catch (JacksonException | NumberFormatException e) {
            throw new IOException("the worker's log-probabilities of a prompt cannot be read", e);
        }
    }

    /**
     * Asks for the probabilities of labels.
     *
     * @param rows of the classifier's head
     * @return for each input one per row
     */
    List<double[]> classify(String adapter, List<int[]> inputs, int rows) throws IOException {
        HttpResponse<String> response = send(json("/v1/classify", Map.of("model", adapter, "inputs", inputs)),
                BodyHandlers.ofString());
        if (response.statusCode() != 200) {
            throw refused(response.statusCode(), response.body());
        }
        double[][] scores;
        try {
            scores = Json.MAPPER.treeToValue(Json.parse(response.body()).path("scores"), double[][].class);
        } catch (JacksonException e) {
            throw new IOException("the worker's scores cannot be read", e);
        }
        if (scores == null || scores.length != inputs.size()
                || Arrays.stream(scores).anyMatch(each -> each.length != rows)) {
            throw new IOException("the worker's scores are not those of " + inputs.size() + " inputs and " + rows
                    + " labels");
        }
        return List.of(scores);
    }

    private static TokenScore score(int token, JsonNode entries, int alternatives) throws IOException {
        Map<Integer, Double> reported = new HashMap<>();
        entries.properties()
                .forEach(entry -> reported.put(Integer.valueOf(entry.getKey()),
                        entry.getValue().path("logprob").doubleValue()));
        Double own = reported.get(token);
        if (own == null) {
            throw new IOException("the worker gives no log-probability of a token of the prompt");
        }
        return TokenScore.of(token, own, reported, alternatives);
    }

    private static void putSampling(Map<String, Object> body, Sampling sampling) {
        body.put("temperature", sampling.temperature());
        body.put("top_p", sampling.topP());
        if (sampling.topK() > 0) {
            body.put("top_k", sampling.topK());
        }
        if (sampling.seed() != null) {
            body.put("seed", sampling.seed());
        }
        if (sampling.presencePenalty() != 0) {
            body.put("presence_penalty", sampling.presencePenalty());
        }
        if (sampling.frequencyPenalty() != 0) {
            body.put("frequency_penalty", sampling.frequencyPenalty());
        }
        if (sampling.repetitionPenalty() != 1) {
            body.put("repetition_penalty", sampling.repetitionPenalty());
        }
        if (!sampling.logitBias().isEmpty()) {
            body.put("logit_bias", sampling.logitBias());
        }
    }

    private void post(String path, Map<String, Object> body) throws IOException {
        control(json(path, body).timeout(CONTROL_TIMEOUT));
    }

    private JsonNode control(HttpRequest.Builder request) throws IOException {
        HttpResponse<String> response = send(request.timeout(CONTROL_TIMEOUT), BodyHandlers.ofString());
        if (response.statusCode() != 200) {
            throw refused(response.statusCode(), response.body());
        }
        try {
            return Json.parse(response.body().isEmpty() ? "{}" : response.body());
        } catch (JacksonException e) {
            return Json.parse("{}"); // vLLM answers some of these routes with plain text
        }
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(base.resolve(path)).header("Authorization", authorization);
    }

    private HttpRequest.Builder json(String path, Map<String, Object> body) {
        return request(path).header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(Json.write(body)));
    }

    private <T> HttpResponse<T> send(HttpRequest.Builder request, HttpResponse.BodyHandler<T> handler)
            throws IOException {
        try {
            return http.send(request.build(), handler);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static RuntimeException refused(int status, String body) {
        String message = body;
        try {
            message = Json.parse(body).at("/error/message").asString(body);
        } catch (JacksonException e) {
            // Then the body itself is the message.
        }
        return Problem.internal("worker_fault", "The inference worker answered " + status + ": " + message)
                .asException();
    }
}
