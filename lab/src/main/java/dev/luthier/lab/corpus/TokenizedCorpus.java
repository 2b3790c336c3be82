package dev.luthier.lab.corpus;

import dev.luthier.core.data.EncodedSample;
import dev.luthier.lab.corpus.Document.Segment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;

/**
 * The corpus in batches of token sequences for pre-training. Documents of a window are sorted by length and cut into batches of similar
 * length, and the batches of the window are shuffled: batches waste no padding, and their order is still mixed.
 */
public final class TokenizedCorpus implements Iterator<List<EncodedSample>> {
    private static final int WINDOW = 1024;

    private final Iterator<Document> documents;
    private final Function<String, int[]> encoder;
    private final int endOfText;
    private final int batchTokens;
    private final int longest;
    private final long shuffleSeed;
    private final List<List<EncodedSample>> ready = new ArrayList<>();
    private long windows;

    /**
     * @param encoder
     *            text to token ids, without adding special tokens but knowing those written in the text
     * @param batchTokens
     *            upper bound of a batch's tokens
     * @param longest
     *            longer documents are left out; at most {@code batchTokens}
     */
    public TokenizedCorpus(Iterator<Document> documents, Function<String, int[]> encoder, int endOfText,
            int batchTokens,
            int longest, long shuffleSeed) {
        if (longest < 2 || longest > batchTokens) {
            throw new IllegalArgumentException(
                    "longest document is " + longest + " tokens; allowed are 2 to batchTokens, " + batchTokens);
        }
        this.documents = documents;
        this.encoder = encoder;
        this.endOfText = endOfText;
        this.batchTokens = batchTokens;
        this.longest = longest;
        this.shuffleSeed = shuffleSeed;
    }

    @Override
    public boolean hasNext() {
        return !ready.isEmpty() || documents.hasNext();
    }

    @Override
    public List<EncodedSample> next() {
        while (ready.isEmpty()) {
            fill();
        }
        return ready.removeLast();
    }

    private void fill() {
        List<EncodedSample> window = new ArrayList<>();
        for (int i = 0; i < WINDOW && documents.hasNext(); i++) {
            EncodedSample sample = encode(documents.next());
            if (sample.length() <= longest) {
                window.add(sample);
            }
        }
        window.sort(Comparator.comparingInt(EncodedSample::length));
        List<List<EncodedSample>> batches = new ArrayList<>();
        List<EncodedSample> batch = new ArrayList<>();
        int tokens = 0;
        for (EncodedSample sample : window) {
            if (tokens + sample.length() > batchTokens) {
                batches.add(List.copyOf(batch));
                batch.clear();
                tokens = 0;
            }
            batch.add(sample);
            tokens += sample.length();
        }
        if (!batch.isEmpty()) {
            batches.add(List.copyOf(batch));
        }
        ready.addAll(Draw.ofDocument(shuffleSeed, windows++).shuffled(batches));
    }

    /** The document's tokens and the token that ends it, which counts in the loss as its last segment does. */
    EncodedSample encode(Document document) {
        int[] tokens = new int[64];
        float[] weights = new float[64];
        int length = 0;
        for (Segment segment : document.segments()) {
            int[] ids = encoder.apply(segment.text());
            if (length + ids.length + 1 > tokens.length) {
                tokens = Arrays.copyOf(tokens, 2 * (length + ids.length + 1));
                weights = Arrays.copyOf(weights, tokens.length);
            }
            System.arraycopy(ids, 0, tokens, length, ids.length);
            Arrays.fill(weights, length, length + ids.length, segment.target() ? 1 : 0);
            length += ids.length;
        }
        tokens[length] = endOfText;
        weights[length] = document.segments().getLast().target() ? 1 : 0;
        weights[0] = 0;
        return new EncodedSample(Arrays.copyOf(tokens, length + 1), Arrays.copyOf(weights, length + 1));
    }
}
