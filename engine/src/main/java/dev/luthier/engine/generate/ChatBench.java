package dev.luthier.engine.generate;

import dev.luthier.core.command.Program;
import dev.luthier.core.json.Json;
import dev.luthier.core.problem.Problem;
import dev.luthier.engine.generate.Generation.Event;
import dev.luthier.engine.options.EngineProgram;
import dev.luthier.engine.tensor.DType;
import dev.luthier.engine.tensor.Libtorch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * The program {@code luthier bench chat}: tokens per second of greedy generation through the same loop that serves
 * requests, for one stream and for several at a time, best of three rounds.
 */
@Command(name = "luthier bench chat", sortOptions = false, description = "Tokens per second of greedy generation, for one stream and for several at a time.")
public final class ChatBench implements Callable<Integer> {
    private static final int MOST = 1_000_000;
    private static final int ROUNDS = 3;
    private static final long CACHE_BYTES = 1L << 30;
    private static final long PATIENCE_MILLIS = 120_000;

    @Option(names = "--model", required = true, paramLabel = "DIR", description = "Model directory.")
    private Path model;

    @Option(names = "--adapter", paramLabel = "DIR", description = "Adapter directory (none).")
    private @Nullable Path adapter;

    @Option(names = "--streams", paramLabel = "N", defaultValue = "8", description = "Streams at a time (${DEFAULT-VALUE}).")
    private int streams;

    @Option(names = "--prompt-tokens", paramLabel = "N", defaultValue = "64", description = "Of each prompt (${DEFAULT-VALUE}).")
    private int promptTokens;

    @Option(names = "--tokens", paramLabel = "N", defaultValue = "256", description = "Of each answer (${DEFAULT-VALUE}).")
    private int tokens;

    @Option(names = "--threads", paramLabel = "N", defaultValue = "1", description = "Of a tensor operation (${DEFAULT-VALUE}).")
    private int threads;

    @Option(names = "--type", paramLabel = "TYPE", defaultValue = "bf16", description = "bf16 or fp32 (${DEFAULT-VALUE}).")
    private DType type;

    @Option(names = "--json", description = "Print one line of JSON.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    private ChatBench() {}

    public static void main(String[] arguments) {
        System.exit(EngineProgram.of(new ChatBench()).execute(arguments));
    }

    @Override
    public Integer call() throws InterruptedException {
        Program.within(spec, "--streams", streams, 1, MOST);
        Program.within(spec, "--prompt-tokens", promptTokens, 1, MOST);
        Program.within(spec, "--tokens", tokens, 1, MOST);
        Program.within(spec, "--threads", threads, 1, 1024);
        Map<String, Object> result = new LinkedHashMap<>();
        try (GenerationLoop loop = GenerationLoop.start(() -> {
            Libtorch.start();
            Libtorch.setThreads(threads);
            DecoderModel loaded = DecoderModel.load(model, type,
                    promptTokens + tokens, CACHE_BYTES);
            if (adapter != null) {
                loaded.loadAdapter("adapter", adapter);
            }
            return loaded;
        })) {
            int[] prompt = new int[promptTokens];
            int vocabSize = loop.call(TokenModel::vocabSize);
            Arrays.setAll(prompt, i -> (7 * i + 3) % vocabSize);
            Generation.Request request = new Generation.Request(prompt,
                    adapter == null ? null : "adapter", tokens, Sampling.GREEDY, Set.of(), true,
                    Generation.Request.NO_LOGPROBS,
                    Generation.Request.NO_LOGPROBS);
            result.put("model", model.toString());
            result.put("cpu", Libtorch.cpu());
            result.put("type", type.label());
            result.put("threads", threads);
            result.put("tokens_per_second_1_stream", best(loop, request, 1));
            result.put("streams", streams);
            result.put("tokens_per_second_all_streams", best(loop, request, streams));
        }
        if (json) {
            System.out.println(Json.write(result));
        } else {
            result.forEach((name, value) -> System.out.println(name + ": " + value));
        }
        return 0;
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
