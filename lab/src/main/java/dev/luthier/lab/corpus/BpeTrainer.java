package dev.luthier.lab.corpus;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Trains a byte-level BPE vocabulary (Sennrich et al. 2016; Radford et al. 2019): starting from the 256 bytes, the most frequent pair
 * of neighbouring symbols becomes a new symbol until the vocabulary is full. Ties go to the pair that sorts first, so the result is a
 * function of the text alone.
 */
public final class BpeTrainer {
    /** Rarer pieces have no say: they are mostly made-up names. */
    private static final long RAREST = 8;
    private static final String SPECIAL = "<\\|[a-z_]+\\|>";

    private final List<String> specialTokens;
    private final int vocabularySize;
    private final Map<String, Long> pieceCounts = new HashMap<>();

    /**
     * @param specialTokens
     *            take the first ids, in this order, and never take part in merges
     */
    public BpeTrainer(List<String> specialTokens, int vocabularySize) {
        if (vocabularySize < specialTokens.size() + 256) {
            throw new IllegalArgumentException("a byte-level vocabulary of " + vocabularySize + " is too small: "
                    + (specialTokens.size() + 256) + " are needed for bytes and special tokens");
        }
        this.specialTokens = List.copyOf(specialTokens);
        this.vocabularySize = vocabularySize;
    }

    /** Token strings in the order of their ids, and the merges in the order in which they apply. */
    public record Vocabulary(List<String> specialTokens, List<String> tokens, List<Pair> merges) {
        public Vocabulary {
            specialTokens = List.copyOf(specialTokens);
            tokens = List.copyOf(tokens);
            merges = List.copyOf(merges);
        }
    }

    /** Two neighbouring symbols. */
    public record Pair(String left, String right) {}

    /** A distinct piece of text: its current symbols and how often it occurs. */
    private record Word(List<String> symbols, long count) {}

    /** Counts the pieces of a text; special tokens in it only separate. */
    public void add(String text) {
        for (String part : text.split(SPECIAL, -1)) {
            Pieces.of(part).forEach(piece -> pieceCounts.merge(piece, 1L, Long::sum));
        }
    }

    /** The vocabulary of everything added so far. Pieces that occurred fewer than 8 times have no say. */
    public Vocabulary train() {
        List<Word> words = words();
        Map<Pair, Long> counts = new HashMap<>();
        Map<Pair, Set<Integer>> places = new HashMap<>();
        for (int i = 0; i < words.size(); i++) {
            count(words.get(i), i, 1, counts, places);
        }
        List<String> tokens = new ArrayList<>(specialTokens);
        for (int i = 0; i < 256; i++) {
            tokens.add(Pieces.symbol((byte) i));
        }
        List<Pair> merges = new ArrayList<>();
        Set<String> known = new HashSet<>(tokens);
        while (tokens.size() < vocabularySize && !counts.isEmpty()) {
            Pair best = best(counts);
            String merged = best.left + best.right;
            merges.add(best);
            if (known.add(merged)) {
                tokens.add(merged);
            }
            for (int place : List.copyOf(places.getOrDefault(best, Set.of()))) {
                count(words.get(place), place, -1, counts, places);
                merge(words.get(place).symbols, best, merged);
                count(words.get(place), place, 1, counts, places);
            }
        }
        return new Vocabulary(specialTokens, tokens, merges);
    }

    private List<Word> words() {
        List<Word> words = new ArrayList<>();
        pieceCounts.entrySet().stream().filter(e -> e.getValue() >= RAREST).sorted(Map.Entry.comparingByKey())
                .forEach(e -> {
                    List<String> symbols = new ArrayList<>();
                    for (byte b : e.getKey().getBytes(StandardCharsets.UTF_8)) {
                        symbols.add(Pieces.symbol(b));
                    }
                    words.add(new Word(symbols, e.getValue()));
                });
        return words;
    }

    private static void count(Word word, int place, int sign, Map<Pair, Long> counts, Map<Pair, Set<Integer>> places) {
        for (int i = 0; i + 1 < word.symbols.size(); i++) {
            Pair pair = new Pair(word.symbols.get(i), word.symbols.get(i + 1));
            long count = counts.merge(pair, sign * word.count, Long::sum);
            if (count == 0) {
                counts.remove(pair);
                places.remove(pair);
            } else if (sign > 0) {
                places.computeIfAbsent(pair, p -> new HashSet<>()).add(place);
            }
        }
    }

    private static void merge(List<String> symbols, Pair pair, String merged) {
        for (int i = 0; i + 1 < symbols.size(); i++) {
            if (symbols.get(i).equals(pair.left) && symbols.get(i + 1).equals(pair.right)) {
                symbols.set(i, merged);
                symbols.remove(i + 1);
            }
        }
    }

    private static Pair best(Map<Pair, Long> counts) {
        Comparator<Map.Entry<Pair, Long>> order = Map.Entry.<Pair, Long>comparingByValue()
                .thenComparing(e -> e.getKey().left, Comparator.reverseOrder())
                .thenComparing(e -> e.getKey().right, Comparator.reverseOrder());
        Iterator<Map.Entry<Pair, Long>> entries = counts.entrySet().iterator();
        Map.Entry<Pair, Long> best = entries.next();
        while (entries.hasNext()) {
            Map.Entry<Pair, Long> entry = entries.next();
            best = order.compare(entry, best) > 0 ? entry : best;
        }
        return best.getKey();
    }

    /** Token strings to ids. */
    static Map<String, Integer> ids(Vocabulary vocabulary) {
        Map<String, Integer> ids = new LinkedHashMap<>();
        vocabulary.tokens().forEach(token -> ids.put(token, ids.size()));
        return ids;
    }
}
