package dev.luthier.engine.generate;

import dev.luthier.core.json.Json;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.engine.generate.Generation.Event;
import dev.luthier.engine.tensor.DType;
import dev.luthier.engine.tensor.Libtorch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The program {@code luthier bench chat}: tokens per second of greedy generation through the same loop that serves
 * requests, for one stream and for several at a time, best of three rounds.
 */
public final class ChatBench {
    private static final String USAGE = "Usage: luthier bench chat --model DIR [--adapter DIR] [--streams N] "
            + "[--prompt-tokens N] [--tokens N] [--threads N] [--type bf16|fp32] [--json true]";
    private static final Set<String> NAMES = Set.of("--model", "--adapter", "--streams", "--prompt-tokens", "--tokens",
            "--threads", "--type", "--json");
    private static final int ROUNDS = 3;
    private static final long CACHE_BYTES = 1L << 30;
    private static final long PATIENCE_MILLIS = 120_000;

    private ChatBench() {}

    public static void main(String[] arguments) throws InterruptedException {
        try {
            run(parse(arguments));
        } catch (ProblemException e) {
            System.err.println(e.getMessage());
            System.exit(e.problem().code().equals("usage") ? 2 : 1);
        }
    }

    private static Map<String, String> parse(String... arguments) {
        Map<String, String> given = new LinkedHashMap<>();
        for (int i = 0; i < arguments.length; i += 2) {
            if (!NAMES.contains(arguments[i]) || i + 1 == arguments.length) {
                throw Problem.user("usage", "unknown or incomplete argument " + arguments[i] + ". " + USAGE)
                        .asException();
            }
            given.put(arguments[i], arguments[i + 1]);
        }
        if (!given.containsKey("--model")) {
            throw Problem.user("usage", "--model is missing. " + USAGE).asException();
        }
        return given;
    }

    private static int number(Map<String, String> given, String name, int absent) {
        String value = given.getOrDefault(name, Integer.toString(absent));
        if (!value.matches("[1-9][0-9]{0,8}")) {
            throw Problem.user("usage", name + " must be a positive integer. " + USAGE).asException();
        }
        return Integer.parseInt(value);
    }

    private static void run(Map<String, String> given) throws InterruptedException {
        Path model = Path.of(given.getOrDefault("--model", ""));
        int streams = number(given, "--streams", 8);
        int promptTokens = number(given, "--prompt-tokens", 64);
        int tokens = number(given, "--tokens", 256);
        int threads = number(given, "--threads", 1);
        String type = given.getOrDefault("--type", DType.BF16.label());
        Map<String, Object> result = new LinkedHashMap<>();
        try (GenerationLoop loop = GenerationLoop.start(() -> {
            Libtorch.start();
            Libtorch.setThreads(threads);
            DecoderModel loaded = DecoderModel.load(model, DType.of(type), promptTokens + tokens, CACHE_BYTES);
            if (given.containsKey("--adapter")) {
                loaded.loadAdapter("adapter", Path.of(given.getOrDefault("--adapter", "")));
            }
            return loaded;
        })) {
            int[] prompt = new int[promptTokens];
            int vocabSize = loop.call(TokenModel::vocabSize);
            Arrays.setAll(prompt, i -> (7 * i + 3) % vocabSize);
            Generation.Request request = new Generation.Request(prompt,
                    given.containsKey("--adapter") ? "adapter" : null,
                    tokens, Sampling.GREEDY, Set.of(), true, Generation.Request.NO_LOGPROBS,
                    Generation.Request.NO_LOGPROBS);
            result.put("model", model.toString());
            result.put("cpu", Libtorch.cpu());
            result.put("type", type);
            result.put("threads", threads);
            result.put("tokens_per_second_1_stream", best(loop, request, 1));
            result.put("streams", streams);
            result.put("tokens_per_second_all_streams", best(loop, request, streams));
        }
        if (Boolean.parseBoolean(given.getOrDefault("--json", "false"))) {
            System.out.println(Json.write(result));
        } else {
            result.forEach((name, value) -> System.out.println(name + ": " + value));
        }
    }

    private static double best(GenerationLoop loop, Generation.Request request, int streams)
            throws InterruptedException {
        double best = 0;
        for (int round = 0; round < ROUNDS; round++) {
            long start = System.nanoTime();
            List<Generation> running = new ArrayList<>();
            for (int i = 0; i < streams; i++) {
                running.add(loop.submit(request));
            }
            for (Generation generation : running) {
                awaitEnd(generation);
            }
            double seconds = (System.nanoTime() - start) / 1e9;
            best = Math.max(best, streams * request.maxTokens() / seconds);
        }
        return Math.round(best * 10) / 10.0;
    }

    private static void awaitEnd(Generation generation) throws InterruptedException {
        while (true) {
            switch (generation.poll(PATIENCE_MILLIS)) {
                case null -> throw Problem.internal("too_slow", "No token came for two minutes.").asException();
                case Event.Failed(Problem problem) -> throw problem.asException();
                case Event.Finished _ -> {
                    return;
                }
                case Event.PromptScored _,Event.Token _ -> {
                    // counted by the request
                }
            }
        }
    }
}
