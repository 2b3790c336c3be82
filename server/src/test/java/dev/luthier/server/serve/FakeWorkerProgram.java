package dev.luthier.server.serve;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import dev.luthier.core.json.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executors;
import tools.jackson.databind.JsonNode;

/**
 * Stands in for {@code luthier worker}: answers with what the model directory says. When log-probabilities are asked for,
 * each token has -0.5, and the ids after it 0.5 less each; those of a prompt have -1, -2 and so on. Files there:
 *
 * <pre>
 * answer.json  {"token_ids": [...], "finish_reason": "stop"}; "endless": true goes on until the client leaves;
 *              "logprob": -2 is each token's own
 * answer-N.json the same for the seed N
 * fail-load    ends at once, its content the last line on standard error
 * kill-load    ends at once, as when the system kills it
 * hold-load    is not ready while this file is there
 * crash        kills itself at the next generation, after "crash" tokens; the file goes first
 * crash-always the same, again and again
 * hold-answer  after its first token an answer waits while this file is there, and gives signs of life
 * scores.json  what a classifier says of each input, one probability for each row of its head
 * events.log   written: start, load NAME, unload NAME, complete BODY, classify BODY, cancelled
 * </pre>
 */
public final class FakeWorkerProgram {
    private static final int MAX_CONTEXT = 256;

    private final Path model;
    private final String modelName;

    private FakeWorkerProgram(String modelName) {
        this.modelName = modelName;
        this.model = Path.of(modelName);
    }

    public static void main(String[] args) throws Exception {
        List<String> arguments = Arrays.asList(args);
        if (arguments.contains(System.getenv("LUTHIER_WORKER_SECRET"))) {
            throw new IllegalArgumentException("every user of the machine can read this secret");
        }
        FakeWorkerProgram worker = new FakeWorkerProgram(argument(arguments, "--model"));
        Thread.ofPlatform().daemon().start(() -> {
            ProcessHandle.of(Long.parseLong(argument(arguments, "--parent-pid")))
                    .ifPresent(parent -> parent.onExit().join());
            Runtime.getRuntime().halt(0);
        });
        if (!argument(arguments, "--type").equals("bf16")) {
            worker.note("type " + argument(arguments, "--type"));
        }
        worker.run(Path.of(argument(arguments, "--state-file")));
    }

    private static String argument(List<String> arguments, String name) {
        return arguments.get(arguments.indexOf(name) + 1);
    }

    private void run(Path state) throws Exception {
        note("start");
        if (Files.exists(model.resolve("fail-load"))) {
            System.err.println(Files.readString(model.resolve("fail-load")).strip());
            System.exit(1);
        }
        if (Files.exists(model.resolve("kill-load"))) {
            new ProcessBuilder("kill", "-9", Long.toString(ProcessHandle.current().pid())).start().waitFor();
        }
        while (Files.exists(model.resolve("hold-load"))) {
            Thread.sleep(10);
        }
        HttpServer http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        http.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        route(http, "/v1/models", exchange -> answer(exchange, """
                {"data": [{"id": %s, "max_model_len": %d}]}""".formatted(Json.write(modelName), MAX_CONTEXT)));
        route(http, "/v1/load_lora_adapter", exchange -> {
            note("load " + body(exchange).get("lora_name").stringValue());
            answer(exchange, "{}");
        });
        route(http, "/v1/unload_lora_adapter", exchange -> {
            note("unload " + body(exchange).get("lora_name").stringValue());
            answer(exchange, "{}");
        });
        route(http, "/v1/completions", this::complete);
        route(http, "/v1/classify", this::classify);
        http.start();
        Path temporary = state.resolveSibling(state.getFileName() + ".tmp");
        Files.writeString(temporary, "{\"port\": " + http.getAddress().getPort() + "}");
        Files.move(temporary, state);
    }

    /** Like the worker's, each route wants the secret that the server has put into the environment. */
    private static void route(HttpServer http, String path, HttpHandler handler) {
        String expected = "Bearer " + Objects.requireNonNull(System.getenv("LUTHIER_WORKER_SECRET"), "no secret");
        http.createContext(path, exchange -> {
            if (expected.equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
                handler.handle(exchange);
            } else {
                exchange.sendResponseHeaders(401, -1);
                exchange.close();
            }
        });
    }

    private void complete(HttpExchange exchange) throws IOException {
        JsonNode body = body(exchange);
        note("complete " + Json.write(body));
        int tokensBeforeCrash = tokensBeforeCrash();
        if (body.has("prompt_logprobs")) {
            answer(exchange, "{\"choices\": [{\"prompt_logprobs\": " + promptLogprobs(body) + "}]}");
            return;
        }
        Path seeded = model.resolve("answer-" + body.path("seed") + ".json");
        JsonNode answer = Json
                .parse(Files.readString(Files.exists(seeded) ? seeded : model.resolve("answer.json")));
        exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
        exchange.sendResponseHeaders(200, 0);
        try (OutputStream out = exchange.getResponseBody()) {
            int sent = 0;
            do {
                for (JsonNode token : answer.get("token_ids")) {
                    while (sent == 1 && Files.exists(model.resolve("hold-answer"))) {
                        out.write(": waiting\n\n".getBytes(StandardCharsets.UTF_8));
                        out.flush();
                        Thread.sleep(20);
                    }
                    if (sent == tokensBeforeCrash) {
                        Runtime.getRuntime().halt(1);
                    }
                    send(out, "{\"choices\": [{\"token_ids\": [" + token + "], \"logprobs\": "
                            + logprobs(token.intValue(), answer.path("logprob").asDouble(-0.5),
                                    body.path("logprobs").asInt(-1))
                            + ", \"finish_reason\": null}]}");
                    sent++;
                }
            } while (answer.path("endless").booleanValue(false));
            send(out, "{\"choices\": [{\"token_ids\": [], \"finish_reason\": " + answer.get("finish_reason") + "}]}");
            send(out, "[DONE]");
        } catch (IOException e) {
            note("cancelled");
            throw e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void classify(HttpExchange exchange) throws IOException {
        JsonNode body = body(exchange);
        note("classify " + Json.write(body));
        String row = Files.readString(model.resolve("scores.json"));
        answer(exchange, "{\"scores\": " + Collections.nCopies(body.get("inputs").size(), row) + "}");
    }

    private static String promptLogprobs(JsonNode body) {
        List<Object> all = new ArrayList<>();
        for (JsonNode token : body.get("prompt")) {
            Map<String, Object> entries = new LinkedHashMap<>();
            entries.put(token.toString(), Map.of("logprob", (double) -all.size()));
            for (int i = 1; i < body.get("prompt_logprobs").intValue(); i++) {
                entries.put(Integer.toString(token.intValue() + i), Map.of("logprob", -all.size() - 0.5 * i));
            }
            all.add(entries);
        }
        all.removeFirst();
        return Json.write(all).replaceFirst("^\\[", all.isEmpty() ? "[null" : "[null,");
    }

    private static String logprobs(int token, double logprob, int alternatives) {
        if (alternatives < 0) {
            return "null";
        }
        StringBuilder top = new StringBuilder("\"token_id:" + token + "\": " + logprob);
        for (int i = 1; i < alternatives; i++) {
            top.append(", \"token_id:").append(token + i).append("\": ").append(logprob - 0.5 * i);
        }
        return "{\"tokens\": [\"token_id:" + token + "\"], \"token_logprobs\": [" + logprob + "], \"top_logprobs\": [{"
                + top
                + "}]}";
    }

    /** How many tokens to send before dying; -1 to live. */
    private int tokensBeforeCrash() throws IOException {
        Path always = model.resolve("crash-always");
        Path once = model.resolve("crash");
        if (Files.exists(always)) {
            return Integer.parseInt(Files.readString(always).strip());
        }
        if (Files.exists(once)) {
            int tokens = Integer.parseInt(Files.readString(once).strip());
            Files.delete(once);
            return tokens;
        }
        return -1;
    }

    private static void send(OutputStream out, String data) throws IOException {
        out.write(("data: " + data + "\n\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    private static JsonNode body(HttpExchange exchange) throws IOException {
        return Json.parse(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
    }

    private static void answer(HttpExchange exchange, String json) throws IOException {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(200, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private synchronized void note(String event) throws IOException {
        Files.writeString(model.resolve("events.log"), event + "\n", StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
    }
}
