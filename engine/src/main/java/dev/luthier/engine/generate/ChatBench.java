package dev.luthier.engine.generate;

import dev.luthier.core.json.Json;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.engine.generate.Generation.Event;
import dev.luthier.engine.options.Options;
import dev.luthier.engine.tensor.DType;
import dev.luthier.engine.tensor.Libtorch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The program {@code luthier bench chat}: tokens per second of greedy generation through the same loop that serves
 * requests, for one stream and for several at a time, best of three rounds.
 */
public final class ChatBench {
    private static final String USAGE = "usage: luthier bench chat --model DIR [--adapter DIR] [--streams N] "
            + "[--prompt-tokens N] [--tokens N] [--threads N] [--type bf16|fp32] [--json]";
    private static final int MOST = 1_000_000;
    private static final int ROUNDS = 3;
    private static final long CACHE_BYTES = 1L << 30;
    private static final long PATIENCE_MILLIS = 120_000;

    private ChatBench() {}

    public static void main(String[] arguments) throws InterruptedException {
        try {
            run(parse(arguments));
        } catch (ProblemException e) {
            Options.report(e);
            System.exit(Options.status(e));
        }
    }

    private record Settings(Path model, @Nullable Path adapter, int streams, int promptTokens, int tokens, int threads,
            DType type, boolean json) {}

    private static Settings parse(String... arguments) {
        Options options = new Options(USAGE, arguments);
        Path model = null;
        Path adapter = null;
        int streams = 8;
        int promptTokens = 64;
        int tokens = 256;
        int threads = 1;
        DType type = DType.BF16;
        boolean json = false;
        for (String name = options.next(); name != null; name = options.next()) {
            switch (name) {
                case "--model" -> model = options.path();
                case "--adapter" -> adapter = options.path();
                case "--streams" -> streams = options.integer(MOST);
                case "--prompt-tokens" -> promptTokens = options.integer(MOST);
                case "--tokens" -> tokens = options.integer(MOST);
                case "--threads" -> threads = options.integer(1024);
                case "--type" -> type = options.choice(DType.class, DType::label);
                case "--json" -> json = true;
                default -> throw options.unknown();
            }
        }
        return new Settings(options.required("--model", model), adapter, streams, promptTokens, tokens, threads, type,
                json);
    }

    private static void run(Settings settings) throws InterruptedException {
        Map<String, Object> result = new LinkedHashMap<>();
        try (GenerationLoop loop = GenerationLoop.start(() -> {
            Libtorch.start();
            Libtorch.setThreads(settings.threads);
            DecoderModel loaded = DecoderModel.load(settings.model, settings.type,
                    settings.promptTokens + settings.tokens, CACHE_BYTES);
            if (settings.adapter != null) {
                loaded.loadAdapter("adapter", settings.adapter);
            }
            return loaded;
        })) {
            int[] prompt = new int[settings.promptTokens];
            int vocabSize = loop.call(TokenModel::vocabSize);
            Arrays.setAll(prompt, i -> (7 * i + 3) % vocabSize);
            Generation.Request request = new Generation.Request(prompt,
                    settings.adapter == null ? null : "adapter", settings.tokens, Sampling.GREEDY, Set.of(), true,
                    Generation.Request.NO_LOGPROBS,
                    Generation.Request.NO_LOGPROBS);
            result.put("model", settings.model.toString());
            result.put("cpu", Libtorch.cpu());
            result.put("type", settings.type.label());
            result.put("threads", settings.threads);
            result.put("tokens_per_second_1_stream", best(loop, request, 1));
            result.put("streams", settings.streams);
            result.put("tokens_per_second_all_streams", best(loop, request, settings.streams));
        }
        if (settings.json) {
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
