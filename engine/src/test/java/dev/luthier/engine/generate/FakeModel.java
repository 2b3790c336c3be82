package dev.luthier.engine.generate;

import dev.luthier.core.problem.Problem;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

/**
 * A model that counts: the next token is the last one plus one, plus ten with an adapter. Token 99 ends. Steps can be
 * held up and made to fail.
 */
final class FakeModel implements TokenModel {
    static final int VOCAB = 1000;
    static final int MAX_CONTEXT = 600;

    final Set<String> adapters = new TreeSet<>();
    /** Adapters that are classifiers: of each text they tell its length and the first token, in thousandths. */
    final Set<String> classifiers = new TreeSet<>();
    final List<Integer> textsPerPass = new ArrayList<>();
    final List<Integer> rowsPerStep = new ArrayList<>();
    int openRows;
    volatile Predicate<Row> faulty = row -> false;
    volatile Runnable beforeStep = () -> {};
    volatile Runnable onClose = () -> {};
    private final int maxRows;

    FakeModel(int maxRows) {
        this.maxRows = maxRows;
    }

    final class Row implements TokenModel.Row {
        final List<Integer> tokens = new ArrayList<>();
        final @Nullable String adapter;

        Row(@Nullable String adapter) {
            this.adapter = adapter;
        }

        @Override
        public int length() {
            return tokens.size();
        }

        @Override
        public void close() {
            openRows--;
            onClose.run();
        }
    }

    @Override
    public int vocabSize() {
        return VOCAB;
    }

    @Override
    public int maxContext() {
        return MAX_CONTEXT;
    }

    @Override
    public Set<Integer> endTokens() {
        return Set.of(99);
    }

    @Override
    public boolean hasRoomFor(int tokens) {
        return openRows < maxRows;
    }

    @Override
    public TokenModel.Row open(@Nullable String adapter, int tokens) {
        if (adapter != null && !adapters.contains(adapter)) {
            throw Problem.user("model_not_found", "No adapter named " + adapter + " is loaded.").asException();
        }
        openRows++;
        return new Row(adapter);
    }

    @Override
    public double[][] classify(String adapter, List<int[]> texts) {
        if (!classifiers.contains(adapter)) {
            throw ClassificationRequest.notAClassifier(adapter);
        }
        textsPerPass.add(texts.size());
        return texts.stream().map(text -> new double[]{text.length / 1000.0, text[0] / 1000.0})
                .toArray(double[][]::new);
    }

    @Override
    public float[][][] step(List<Piece> pieces) {
        beforeStep.run();
        for (Piece piece : pieces) {
            if (faulty.test((Row) piece.row())) {
                throw new IllegalStateException("broken kernel");
            }
        }
        rowsPerStep.add(pieces.size());
        float[][][] logits = new float[pieces.size()][][];
        for (int i = 0; i < pieces.size(); i++) {
            Row row = (Row) pieces.get(i).row();
            int[] tokens = pieces.get(i).tokens();
            logits[i] = new float[pieces.get(i).logits()][VOCAB];
            for (int j = 0; j < tokens.length; j++) {
                row.tokens.add(tokens[j]);
                int wanted = j - tokens.length + logits[i].length;
                if (wanted >= 0) {
                    logits[i][wanted][(tokens[j] + (row.adapter == null ? 1 : 10)) % VOCAB] = 5;
                }
            }
        }
        return logits;
    }

    @Override
    public void loadAdapter(String name, Path directory) {
        adapters.add(name);
    }

    @Override
    public boolean unloadAdapter(String name) {
        return adapters.remove(name);
    }

    @Override
    public Set<String> adapters() {
        return Set.copyOf(adapters);
    }

    @Override
    public void close() {}
}
