package dev.luthier.engine.generate;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.luthier.core.json.Json;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import org.jspecify.annotations.Nullable;

/**
 * The worker's HTTP front, on the loopback interface: of vLLM's API {@code POST /v1/completions},
 * {@code POST /v1/load_lora_adapter}, {@code POST /v1/unload_lora_adapter}, {@code GET /v1/models},
 * {@code GET /health}, and {@code POST /v1/classify}. Each request shows the secret of {@link WorkerAccess} before anything of it is read. Each exchange
 * has a virtual thread; the model has its own.
 */
final class WorkerServer implements AutoCloseable {
    static {
        // Without it each streamed token waits for the acknowledgement of the one before.
        System.setProperty("sun.net.httpserver.nodelay", "true");
        // Clients close idle connections first, so that none is closed under a request.
        System.setProperty("sun.net.httpserver.idleInterval", "3600");
        // Who connects without ever sending a request is not waited for.
        System.setProperty("sun.net.httpserver.maxReqTime", "60");
    }

    private final String baseModel;
    private final GenerationLoop loop;
    private final WorkerAccess access;
    private final int vocabSize;
    private final int maxContext;
    private final HttpServer http;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    private WorkerServer(String baseModel, GenerationLoop loop, WorkerAccess access, HttpServer http) {
        this.baseModel = baseModel;
        this.loop = loop;
        this.access = access;
        this.http = http;
        this.vocabSize = loop.call(TokenModel::vocabSize);
        this.maxContext = loop.call(TokenModel::maxContext);
    }

    /**
     * Listens on an ephemeral port of 127.0.0.1.
     *
     * @param baseModel name under which the base model itself is asked for
     */
    static WorkerServer start(String baseModel, GenerationLoop loop, WorkerAccess access) throws IOException {
        HttpServer http = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
        WorkerServer server = new WorkerServer(baseModel, loop, access, http);
        http.setExecutor(server.threads);
        http.createContext("/", server::handle);
        http.start();
        return server;
    }

    int port() {
        return http.getAddress().getPort();
    }

    @Override
    public void close() {
        http.stop(0);
        threads.shutdownNow();
    }

    /** An exchange that throws is not closed here: the HTTP server then breaks the connection. */
    private void handle(HttpExchange exchange) throws IOException {
        try {
            access.check(exchange.getRequestHeaders().getFirst("Authorization"));
            route(exchange);
        } catch (ProblemException e) {
            Exchanges.sendProblem(exchange, e.problem());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("the worker is being stopped", e);
        }
        exchange.close();
    }

    private void route(HttpExchange exchange) throws IOException, InterruptedException {
        String path = exchange.getRequestURI().getPath();
        String method = switch (path) {
            case "/health", "/v1/models" -> "GET";
            case "/v1/completions", "/v1/classify", "/v1/load_lora_adapter", "/v1/unload_lora_adapter" -> "POST";
            default -> throw Problem.user("not_found", "There is no " + path + " here.").asException();
        };
        if (!exchange.getRequestMethod().equals(method)) {
            throw Problem.user("method_not_allowed", path + " takes " + method + ".").asException();
        }
        switch (path) {
            case "/health" -> Exchanges.sendJson(exchange, 200, "{}");
            case "/v1/models" -> Exchanges.sendJson(exchange, 200, models());
            case "/v1/completions" -> complete(exchange);
            case "/v1/classify" -> classify(exchange);
            case "/v1/load_lora_adapter" -> loadAdapter(exchange);
            default -> unloadAdapter(exchange);
        }
    }

    private void complete(HttpExchange exchange) throws IOException, InterruptedException {
        CompletionRequest request = CompletionRequest.parse(Exchanges.readBody(exchange), baseModel, vocabSize,
                maxContext);
        CompletionExchange.run(exchange, request, loop.submit(request.generation()));
    }

    private void classify(HttpExchange exchange) throws IOException {
        ClassificationRequest request = ClassificationRequest.parse(Exchanges.readBody(exchange), baseModel, vocabSize,
                maxContext);
        Exchanges.sendJson(exchange, 200, Json.write(Map.of("scores", request.run(loop))));
    }

    private void loadAdapter(HttpExchange exchange) throws IOException {
        RequestFields fields = RequestFields.parse(Exchanges.readBody(exchange), Set.of("lora_name", "lora_path"));
        String name = fields.string("lora_name");
        if (name.equals(baseModel)) {
            throw RequestFields.invalid("lora_name", "is the base model's name.");
        }
        Path directory = access.adapter(fields.string("lora_path"));
        loop.call(model -> {
            if (model.adapters().contains(name)) {
                throw RequestFields.invalid("lora_name",
                        "names an adapter that is loaded already. Unload it first to load another of this name.");
            }
            model.loadAdapter(name, directory);
            return null;
        });
        Exchanges.sendJson(exchange, 200, "{}");
    }

    private void unloadAdapter(HttpExchange exchange) throws IOException {
        String name = RequestFields.parse(Exchanges.readBody(exchange), Set.of("lora_name")).string("lora_name");
        boolean found = loop.call(model -> model.unloadAdapter(name));
        if (!found) {
            throw Problem.user("model_not_found", "No adapter named " + name + " is loaded.", "lora_name")
                    .asException();
        }
        Exchanges.sendJson(exchange, 200, "{}");
    }

    private String models() {
        List<Map<String, @Nullable Object>> data = new ArrayList<>();
        data.add(card(baseModel, null));
        loop.call(TokenModel::adapters).stream().sorted().forEach(name -> data.add(card(name, baseModel)));
        return Json.write(Map.of("object", "list", "data", data));
    }

    private Map<String, @Nullable Object> card(String id, @Nullable String parent) {
        Map<String, @Nullable Object> card = new LinkedHashMap<>();
        card.put("id", id);
        card.put("object", "model");
        card.put("owned_by", "luthier");
        card.put("root", id);
        card.put("parent", parent);
        card.put("max_model_len", maxContext);
        return card;
    }
}
