package dev.luthier.bench.train.input;

import dev.luthier.core.data.EncodedSample;
import dev.luthier.core.json.Json;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Seeded samples of random words, written for each side in its own form: lines of text or messages that Luthier
 * tokenizes, token ids and labels for its peers.
 *
 * @param sequences what both sides have to train on, sample by sample
 */
public record BenchData(DataKind kind, List<EncodedSample> sequences) {
    private static final double TARGET_SHARE = 0.3;
    private static final double PAIR_TARGET_SHARE = 0.5;
    /** Tokens between the user's words and the answer: the end of the one, the header of the other. */
    private static final int BETWEEN = 3;
    private static final int NO_TARGET = -100;

    public BenchData {
        sequences = List.copyOf(sequences);
    }

    /**
     * Makes samples.
     *
     * @param vocabSize of the model
     * @param count of samples
     */
    public static BenchData make(DataKind kind, int vocabSize, int count, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Integer> lengths = new ArrayList<>(Arrays.stream(kind.lengths(count)).boxed().toList());
        Collections.shuffle(lengths, new Random(seed));
        List<EncodedSample> sequences = new ArrayList<>();
        for (int length : lengths) {
            sequences.add(sequence(kind, length, vocabSize, random));
            if (kind.isPairs()) {
                sequences.add(otherAnswer(sequences.getLast(), vocabSize, random));
            }
        }
        return new BenchData(kind, sequences);
    }

    /** The same prompt with other words behind it. */
    private static EncodedSample otherAnswer(EncodedSample sequence, int vocabSize, SplittableRandom random) {
        int[] tokens = sequence.tokens().clone();
        for (int i = tokens.length - sequence.targetTokens(); i < tokens.length - 1; i++) {
            tokens[i] = random.nextInt(WordTokenizer.FIRST_WORD, vocabSize);
        }
        return new EncodedSample(tokens, sequence.weights());
    }

    private static EncodedSample sequence(DataKind kind, int length, int vocabSize, SplittableRandom random) {
        int[] tokens = random.ints(length, WordTokenizer.FIRST_WORD, vocabSize).toArray();
        float[] weights = new float[length];
        double share = kind.isPairs() ? PAIR_TARGET_SHARE : TARGET_SHARE;
        int answer = kind.isChat() ? (int) Math.round(share * length) : length - 1;
        Arrays.fill(weights, length - answer, length, 1);
        tokens[length - 1] = WordTokenizer.END;
        if (kind.isChat()) {
            tokens[0] = WordTokenizer.START;
            tokens[1] = WordTokenizer.USER;
            tokens[length - answer - BETWEEN] = WordTokenizer.END;
            tokens[length - answer - 2] = WordTokenizer.START;
            tokens[length - answer - 1] = WordTokenizer.ASSISTANT;
        }
        return new EncodedSample(tokens, weights);
    }

    /** Number of samples. */
    public int samples() {
        return sequences.size() / kind.sequences();
    }

    /** The sequences of a sample. */
    public List<EncodedSample> sample(int index) {
        return sequences.subList(index * kind.sequences(), (index + 1) * kind.sequences());
    }

    /** Tokens of all samples. */
    public long tokens() {
        return sequences.stream().mapToLong(EncodedSample::length).sum();
    }

    /** Target tokens of all samples. */
    public long targets() {
        return sequences.stream().mapToLong(EncodedSample::targetTokens).sum();
    }

    /** Mean over tokens of the length of their sequence: what attention costs. */
    public double attendedLength() {
        return sequences.stream().mapToDouble(sample -> (double) sample.length() * sample.length()).sum() / tokens();
    }

    /** Writes the lines that Luthier trains on. */
    public void writeText(Path file) throws IOException {
        write(file, IntStream.range(0, samples()).mapToObj(this::sample).map(this::line).toList());
    }

    /**
     * Writes the same samples as token ids: with labels, -100 for what is no target; or of a pair, the prompt and both
     * answers.
     */
    public void writeTokens(Path file) throws IOException {
        write(file, IntStream.range(0, samples()).mapToObj(this::sample)
                .map(sample -> kind.isPairs() ? pair(sample) : labelled(sample.getFirst())).toList());
    }

    private static void write(Path file, List<?> lines) throws IOException {
        try (BufferedWriter writer = Files.newBufferedWriter(file)) {
            for (Object line : lines) {
                writer.write(Json.write(line) + "\n");
            }
        }
    }

    private Object line(List<EncodedSample> sample) {
        if (kind.isPairs()) {
            return Map.of("input", Map.of("messages", List.of(question(sample.getFirst()))), "preferred_output",
                    List.of(answer(sample.getFirst())), "non_preferred_output", List.of(answer(sample.getLast())));
        }
        return kind.isChat()
                ? Map.of("messages", List.of(question(sample.getFirst()), answer(sample.getFirst())))
                : text(sample.getFirst());
    }

    /** The end token comes from the tokenizer's configuration. */
    private static Object text(EncodedSample sample) {
        return Map.of("text", words(sample, 0, sample.length() - 1));
    }

    private static Map<String, String> question(EncodedSample sample) {
        return message("user", words(sample, 2, sample.length() - sample.targetTokens() - BETWEEN));
    }

    private static Map<String, String> answer(EncodedSample sample) {
        return message("assistant", words(sample, sample.length() - sample.targetTokens(), sample.length() - 1));
    }

    private static Map<String, String> message(String role, String content) {
        return Map.of("role", role, "content", content);
    }

    private static String words(EncodedSample sample, int from, int to) {
        return Arrays.stream(sample.tokens(), from, to).mapToObj(WordTokenizer::word)
                .collect(Collectors.joining(" "));
    }

    private static Object pair(List<EncodedSample> sample) {
        int prompt = sample.getFirst().length() - sample.getFirst().targetTokens();
        return Map.of("prompt_ids", Arrays.copyOf(sample.getFirst().tokens(), prompt), "chosen_ids",
                behind(sample.getFirst(), prompt), "rejected_ids", behind(sample.getLast(), prompt));
    }

    private static int[] behind(EncodedSample sample, int prompt) {
        return Arrays.copyOfRange(sample.tokens(), prompt, sample.length());
    }

    private static Object labelled(EncodedSample sample) {
        int[] labels = IntStream.range(0, sample.length())
                .map(i -> sample.weights()[i] == 0 ? NO_TARGET : sample.tokens()[i]).toArray();
        return Map.of("input_ids", sample.tokens(), "labels", labels);
    }
}
