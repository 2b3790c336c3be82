package dev.luthier.engine.generate;

import dev.luthier.core.adapter.ClassifierConfig;
import dev.luthier.core.model.ModelConfig;
import dev.luthier.core.model.ModelDirectory;
import dev.luthier.core.problem.Problem;
import dev.luthier.engine.decoder.DecoderWeights;
import dev.luthier.engine.decoder.InferenceDecoder;
import dev.luthier.engine.decoder.InferenceDecoder.AdapterRows;
import dev.luthier.engine.generate.CachedAttention.Segment;
import dev.luthier.engine.lora.LoraCopies;
import dev.luthier.engine.lora.LoraWeights;
import dev.luthier.engine.lora.PeftAdapter;
import dev.luthier.engine.tensor.DType;
import dev.luthier.engine.tensor.HostMemory;
import dev.luthier.engine.tensor.TensorScope;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A decoder with a key-value cache and several adapters. The tokens of a step, of whichever rows, pass the layers as
 * one [T, D] tensor, ordered so that the rows of an adapter follow each other. One thread, on which libtorch was
 * started.
 *
 * <p>Legend: T tokens of a step, D hidden, V vocabulary.
 */
final class DecoderModel implements TokenModel {
    private static final int MAX_ROWS = 16;

    private final ModelConfig config;
    private final Set<Integer> endTokens;
    private final DecoderWeights weights;
    private final InferenceDecoder decoder;
    private final int maxContext;
    private final long cacheTokens;
    private final KvCache cache;
    private final Map<String, LoadedAdapter> adapters = new HashMap<>();
    private final Set<CachedRow> open = new HashSet<>();

    private DecoderModel(ModelDirectory directory, DecoderWeights weights, int maxContext, long cacheTokens) {
        this.config = directory.config();
        this.endTokens = Set.copyOf(directory.eosTokenIds());
        this.weights = weights;
        this.maxContext = maxContext;
        this.cacheTokens = cacheTokens;
        this.decoder = new InferenceDecoder(weights, maxContext);
        this.cache = new KvCache(config, maxContext);
    }

    /**
     * Loads a model.
     *
     * @param maxContext upper bound of a row's tokens, beside the model's own and that of the cache
     * @param cacheBytes upper bound of the cache's memory
     * @throws dev.luthier.core.problem.ProblemException USER for a fault in the directory
     */
    static DecoderModel load(Path path, DType type, int maxContext, long cacheBytes) {
        ModelDirectory directory = ModelDirectory.open(path);
        long cacheTokens = cacheBytes / KvCache.bytesPerToken(directory.config());
        int context = (int) Math.min(Math.min(maxContext, directory.config().maxPositions()), cacheTokens);
        return new DecoderModel(directory, DecoderWeights.load(directory, type), context, cacheTokens);
    }

    /** A row's place in the cache. */
    private final class CachedRow implements Row {
        final int slot = cache.acquire();
        final @Nullable LoadedAdapter adapter;
        final int limit;
        int length;

        CachedRow(@Nullable LoadedAdapter adapter, int limit) {
            this.adapter = adapter;
            this.limit = limit;
            if (adapter != null) {
                adapter.use();
            }
        }

        @Override
        public int length() {
            return length;
        }

        @Override
        public void close() {
            if (open.remove(this)) {
                cache.release(slot);
                if (adapter != null) {
                    adapter.giveBack();
                }
            }
        }
    }

    @Override
    public int vocabSize() {
        return config.vocabSize();
    }

    @Override
    public int maxContext() {
        return maxContext;
    }

    @Override
    public Set<Integer> endTokens() {
        return endTokens;
    }

    /** All rows have the capacity of the longest. */
    @Override
    public boolean hasRoomFor(int tokens) {
        int longest = open.stream().mapToInt(row -> row.limit).reduce(tokens, Math::max);
        return open.size() < MAX_ROWS && (open.size() + 1L) * longest <= cacheTokens;
    }

    @Override
    public Row open(@Nullable String adapter, int tokens) {
        LoadedAdapter loaded = adapter == null ? null : loaded(adapter);
        if (loaded != null && loaded.classifier() != null) {
            throw Problem
                    .user("model_is_classifier", "The model " + adapter + " is a classifier and continues no texts.",
                            "model")
                    .asException();
        }
        CachedRow row = new CachedRow(loaded, tokens);
        open.add(row);
        return row;
    }

    private LoadedAdapter loaded(String name) {
        LoadedAdapter adapter = adapters.get(name);
        if (adapter == null) {
            throw Problem.user("model_not_found", "No adapter named " + name + " is loaded.", "model").asException();
        }
        return adapter;
    }

    @Override
    public double[][] classify(String adapter, List<int[]> texts) {
        LoadedAdapter loaded = loaded(adapter);
        LoadedClassifier classifier = loaded.classifier();
        if (classifier == null) {
            throw ClassificationRequest.notAClassifier(adapter);
        }
        int[] tokens = texts.stream().flatMapToInt(IntStream::of).toArray();
        int[] positions = texts.stream().flatMapToInt(text -> IntStream.range(0, text.length)).toArray();
        int[] lastRows = new int[texts.size()];
        List<Segment> segments = new ArrayList<>();
        int next = 0;
        for (int[] text : texts) {
            segments.add(new Segment(0, 0, text.length, next));
            next += text.length;
            lastRows[segments.size() - 1] = next - 1;
        }
        try (TensorScope _ = TensorScope.open()) {
            Tensor hidden = decoder.forward(tokens, positions, new TextAttention(config, segments),
                    List.of(new AdapterRows(loaded.layers(), 0, tokens.length)));
            return classifier.probabilities(hidden, lastRows);
        }
    }

    @Override
    public float[][][] step(List<Piece> pieces) {
        Integer[] order = inAdapterOrder(pieces);
        int count = pieces.stream().mapToInt(piece -> piece.tokens().length).sum();
        int[] tokens = new int[count];
        int[] positions = new int[count];
        int[] last = new int[pieces.size()];
        List<Segment> segments = new ArrayList<>();
        int next = 0;
        int longest = 0;
        for (int index : order) {
            Piece piece = pieces.get(index);
            CachedRow row = (CachedRow) piece.row();
            segments.add(new Segment(row.slot, row.length, piece.tokens().length, next));
            for (int token : piece.tokens()) {
                tokens[next] = token;
                positions[next] = row.length + next - segments.getLast().row();
                next++;
            }
            last[index] = next - 1;
            longest = Math.max(longest, row.length + piece.tokens().length);
        }
        cache.ensure(longest);
        float[][][] logits;
        try (TensorScope _ = TensorScope.open()) {
            Tensor hidden = decoder.forward(tokens, positions, new CachedAttention(config, cache, segments),
                    adapterRows(pieces, order, segments));
            logits = logits(pieces, hidden, last);
        }
        pieces.forEach(piece -> ((CachedRow) piece.row()).length += piece.tokens().length);
        return logits;
    }

    /** Rows of one adapter follow each other, by slot; those of the base model come first. */
    private static Integer[] inAdapterOrder(List<Piece> pieces) {
        Map<LoadedAdapter, Integer> rank = new HashMap<>();
        Integer[] order = new Integer[pieces.size()];
        for (int i = 0; i < order.length; i++) {
            order[i] = i;
            LoadedAdapter adapter = ((CachedRow) pieces.get(i).row()).adapter;
            if (adapter != null) {
                rank.putIfAbsent(adapter, rank.size() + 1);
            }
        }
        Arrays.sort(order, Comparator.<Integer>comparingInt(i -> {
            LoadedAdapter adapter = ((CachedRow) pieces.get(i).row()).adapter;
            return adapter == null ? 0 : rank.getOrDefault(adapter, 0);
        }).thenComparingInt(i -> ((CachedRow) pieces.get(i).row()).slot));
        return order;
    }

    private static List<AdapterRows> adapterRows(List<Piece> pieces, Integer[] order, List<Segment> segments) {
        List<AdapterRows> result = new ArrayList<>();
        @Nullable
        LoadedAdapter current = null;
        int start = 0;
        for (int i = 0; i < order.length; i++) {
            LoadedAdapter adapter = ((CachedRow) pieces.get(order[i]).row()).adapter;
            if (adapter != current) {
                start = segments.get(i).row();
                current = adapter;
            }
            boolean ends = i + 1 == order.length || ((CachedRow) pieces.get(order[i + 1]).row()).adapter != adapter;
            if (ends && adapter != null) {
                result.add(new AdapterRows(adapter.layers(), start,
                        segments.get(i).row() + segments.get(i).count() - start));
            }
        }
        return result;
    }

    /** @param last index of each piece's last token in the step */
    private float[][][] logits(List<Piece> pieces, Tensor hidden, int[] last) {
        float[][][] logits = new float[pieces.size()][][];
        Arrays.setAll(logits, i -> new float[pieces.get(i).logits()][]);
        int[] rows = IntStream.range(0, last.length)
                .flatMap(i -> IntStream.rangeClosed(last[i] - pieces.get(i).logits() + 1, last[i])).toArray();
        if (rows.length == 0) {
            return logits;
        }
        boolean allInOrder = rows.length == hidden.size(0)
                && Arrays.equals(rows, IntStream.range(0, rows.length).toArray());
        Tensor chosen = allInOrder ? hidden : hidden.index_select(0, HostMemory.longs(rows)); // [T, D] -> [N, D]
        float[] all = HostMemory.toFloats(decoder.logits(chosen)); // [N, V]
        int next = 0;
        for (float[][] ofPiece : logits) {
            for (int i = 0; i < ofPiece.length; i++) {
                ofPiece[i] = Arrays.copyOfRange(all, next, next + config.vocabSize());
                next += config.vocabSize();
            }
        }
        return logits;
    }

    @Override
    public void loadAdapter(String name, Path directory) {
        try (LoraWeights lora = PeftAdapter.load(directory, weights)) {
            LoadedClassifier classifier = lora.head() == null
                    ? null
                    : new LoadedClassifier(ClassifierConfig.read(directory), lora.head(), weights);
            adapters.put(name, new LoadedAdapter(new LoraCopies(lora, weights), classifier));
        }
    }

    @Override
    public boolean unloadAdapter(String name) {
        LoadedAdapter adapter = adapters.remove(name);
        if (adapter != null) {
            adapter.giveBack();
        }
        return adapter != null;
    }

    @Override
    public Set<String> adapters() {
        return Set.copyOf(adapters.keySet());
    }

    @Override
    public void close() {
        List.copyOf(open).forEach(CachedRow::close);
        List.copyOf(adapters.keySet()).forEach(this::unloadAdapter);
        cache.close();
        decoder.close();
        weights.close();
    }
}
