package dev.luthier.engine.generate;

import dev.luthier.core.model.ModelConfig;
import dev.luthier.engine.decoder.InferenceDecoder;
import dev.luthier.engine.tensor.HostMemory;
import dev.luthier.engine.tensor.Libtorch;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Attention of one step over the {@link KvCache}: stores the new keys and values, then lets each token see its row's
 * tokens up to itself. Rows with one new token are taken together as long as their slots follow each other and their
 * lengths are not too different; rows with several are taken one by one.
 *
 * <p>Legend: T tokens of the step, N rows taken together, H heads, K kv heads, C capacity, S cached tokens seen, E
 * headDim. Lives within one step's scope.
 */
final class CachedAttention implements InferenceDecoder.Attention {
    /** Rows are split when, together, they would read more than this many times what they need, and over a floor. */
    private static final int WASTE_FACTOR = 2;
    private static final int WASTE_FLOOR = 4096;

    private final ModelConfig config;
    private final KvCache cache;
    private final int tokens;
    private final Tensor places; // [T x K], index of (slot, kv head, position) in the flat cache
    private final List<Group> groups = new ArrayList<>();

    /**
     * The new tokens of a row.
     *
     * @param slot in the cache
     * @param start position of the first, the number of tokens cached before
     * @param count at least one
     * @param row index of the first among the step's tokens
     */
    record Segment(int slot, int start, int count, int row) {
        int end() {
            return start + count;
        }
    }

    /** Tokens that are attended to in one call: single tokens of neighbouring slots, or one segment. */
    private static final class Group {
        final List<Segment> segments;
        /** By attention window. They serve all layers, so they are made before the first, in the step's scope. */
        final Map<Integer, TensorOptional> masks = new HashMap<>();
        final boolean consecutive;
        final Tensor rows;

        Group(List<Segment> segments) {
            this.segments = segments;
            int first = segments.getFirst().row();
            boolean inOrder = true;
            int[] index = new int[segments.size()];
            for (int i = 0; i < index.length; i++) {
                index[i] = segments.get(i).row();
                inOrder &= index[i] == first + i;
            }
            consecutive = inOrder;
            rows = HostMemory.longs(index);
        }

        /** First position of the cache that is read. */
        int from(int window) {
            // One row's window is a plain range of the cache, unless several queries have different ones.
            return segments.size() == 1 && window > 0 ? Math.max(0, segments.getFirst().start() + 1 - window) : 0;
        }

        int longest() {
            return segments.stream().mapToInt(Segment::end).max().orElseThrow();
        }
    }

    /** The cache must have room for all of these segments already. */
    CachedAttention(ModelConfig config, KvCache cache, List<Segment> segments) {
        this.config = config;
        this.cache = cache;
        this.tokens = segments.stream().mapToInt(Segment::count).sum();
        this.places = places(segments);
        List<Segment> single = new ArrayList<>();
        for (Segment segment : segments) {
            if (segment.count() == 1) {
                single.add(segment);
            } else {
                groups.add(new Group(List.of(segment)));
            }
        }
        single.sort(Comparator.comparingInt(Segment::slot));
        groupSingles(single);
        for (int window : Set.copyOf(config.attentionWindows())) {
            groups.forEach(group -> group.masks.put(window, mask(group, window, group.from(window), group.longest())));
        }
    }

    private Tensor places(List<Segment> segments) {
        long[] index = new long[tokens * config.kvHeads()];
        for (Segment segment : segments) {
            int next = segment.row() * config.kvHeads();
            for (int position = segment.start(); position < segment.end(); position++) {
                for (int head = 0; head < config.kvHeads(); head++) {
                    index[next++] = ((long) segment.slot() * config.kvHeads() + head) * cache.capacity() + position;
                }
            }
        }
        return HostMemory.longs(index);
    }

    private void groupSingles(List<Segment> bySlot) {
        List<Segment> run = new ArrayList<>();
        for (Segment segment : bySlot) {
            if (!run.isEmpty() && segment.slot() != run.getLast().slot() + 1) {
                close(run);
                run = new ArrayList<>();
            }
            run.add(segment);
        }
        if (!run.isEmpty()) {
            close(run);
        }
    }

    private void close(List<Segment> run) {
        int needed = run.stream().mapToInt(Segment::end).sum();
        int read = run.size() * run.stream().mapToInt(Segment::end).max().orElseThrow();
        if (read > WASTE_FACTOR * needed && read > WASTE_FLOOR) {
            run.forEach(segment -> groups.add(new Group(List.of(segment))));
        } else {
            groups.add(new Group(run));
        }
    }

    @Override
    public Tensor attend(int layer, Tensor query, Tensor key, Tensor value) {
        store(cache.keys(layer), key);
        store(cache.values(layer), value);
        int window = config.attentionWindow(layer);
        if (groups.size() == 1 && groups.getFirst().consecutive) {
            return attend(layer, groups.getFirst(), query, window).to(query.scalar_type());
        }
        Tensor out = torch.empty_like(query); // [T, H, E]
        for (Group group : groups) {
            Segment first = group.segments.getFirst();
            if (group.consecutive) {
                int count = group.segments.size() == 1 ? first.count() : group.segments.size();
                out.narrow(0, first.row(), count)
                        .copy_(attend(layer, group, query.narrow(0, first.row(), count), window));
            } else {
                out.index_copy_(0, group.rows, attend(layer, group, query.index_select(0, group.rows), window)
                        .to(query.scalar_type()));
            }
        }
        return out;
    }

    /** Writes [T, K, E] into [S, K, C, E] at the step's places. */
    private void store(Tensor cached, Tensor fresh) {
        cached.view(-1, config.headDim()).index_copy_(0, places,
                fresh.to(ScalarType.Float).reshape(-1, config.headDim()));
    }

    /** @param query the group's, [N, H, E] in the order of slots, or [T, H, E] of one row */
    private Tensor attend(int layer, Group group, Tensor query, int window) {
        Segment first = group.segments.getFirst();
        boolean oneRow = group.segments.size() == 1;
        int longest = group.longest();
        int from = group.from(window);
        Tensor keys = seen(cache.keys(layer), group, from, longest); // [S, K, C, E] -> [N, K, S, E]
        Tensor values = seen(cache.values(layer), group, from, longest);
        Tensor wide = query.to(ScalarType.Float);
        Tensor queries = oneRow ? wide.transpose(0, 1).unsqueeze(0) : wide.unsqueeze(2); // [N, H, count, E]
        boolean causal = isCausal(first, window);
        TensorOptional mask = Objects.requireNonNull(group.masks.get(window));
        Tensor attended = torch.scaled_dot_product_attention(queries, keys, values, mask, 0, causal,
                new DoubleOptional(1 / Math.sqrt(config.headDim())), config.kvHeads() < config.heads());
        return oneRow ? attended.squeeze(0).transpose(0, 1) : attended.squeeze(2); // [N, H, E] or [T, H, E]
    }

    private Tensor seen(Tensor cached, Group group, int from, int longest) {
        return cached.narrow(0, group.segments.getFirst().slot(), group.segments.size()).narrow(2, from,
                longest - from);
    }

    /** What each query sees of the keys, [N, 1, 1, S] or [count, S]; none when every query sees all. */
    private static TensorOptional mask(Group group, int window, int from, int longest) {
        if (group.segments.size() == 1) {
            return mask(group.segments.getFirst(), window, from, longest);
        }
        boolean all = true;
        int seen = longest - from;
        float[] bias = new float[group.segments.size() * seen];
        for (int row = 0; row < group.segments.size(); row++) {
            int end = group.segments.get(row).end();
            for (int position = from; position < longest; position++) {
                boolean visible = position < end && (window == 0 || position >= end - window);
                if (!visible) {
                    all = false;
                    bias[row * seen + position - from] = Float.NEGATIVE_INFINITY;
                }
            }
        }
        return all
                ? new TensorOptional()
                : new TensorOptional(HostMemory.floats(bias, group.segments.size(), 1, 1, seen));
    }

    /** What each query of a row sees of the keys, [count, S]; none for one query, which sees all, and where it is built in. */
    static TensorOptional mask(Segment row, int window, int from, int longest) {
        return row.count() == 1 || isCausal(row, window)
                ? new TensorOptional()
                : new TensorOptional(bandMask(row, window, from, longest));
    }

    /** Whether the plain triangle is the mask, which attention has built in. */
    static boolean isCausal(Segment row, int window) {
        return row.start() == 0 && row.count() > 1 && (window == 0 || window >= row.count());
    }

    private static Tensor bandMask(Segment row, int window, int from, int longest) {
        Tensor ones = torch.ones(new long[]{row.count(), longest - from}, Libtorch.options(ScalarType.Bool));
        int diagonal = row.start() - from; // query i is at position start + i
        Tensor past = ones.tril(diagonal);
        return window == 0 ? past : past.triu(diagonal - window + 1L);
    }
}
