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
 * @param samples what both sides have to train on
 */
public record BenchData(DataKind kind, List<EncodedSample> samples) {
    private static final double TARGET_SHARE = 0.3;
    /** Tokens between the user's words and the answer: the end of the one, the header of the other. */
    private static final int BETWEEN = 3;
    private static final int NO_TARGET = -100;

    public BenchData {
        samples = List.copyOf(samples);
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
        return new BenchData(kind,
                lengths.stream().map(length -> sample(kind, length, vocabSize, random)).toList());
    }

    private static EncodedSample sample(DataKind kind, int length, int vocabSize, SplittableRandom random) {
        int[] tokens = random.ints(length, WordTokenizer.FIRST_WORD, vocabSize).toArray();
        float[] weights = new float[length];
        int answer = kind.isChat() ? (int) Math.round(TARGET_SHARE * length) : length - 1;
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

    /** Tokens of all samples. */
    public long tokens() {
        return samples.stream().mapToLong(EncodedSample::length).sum();
    }

    /** Target tokens of all samples. */
    public long targets() {
        return samples.stream().mapToLong(EncodedSample::targetTokens).sum();
    }

    /** Mean over tokens of the length of their sample: what attention costs. */
    public double attendedLength() {
        return samples.stream().mapToDouble(sample -> (double) sample.length() * sample.length()).sum() / tokens();
    }

    /** Writes the lines that Luthier trains on. */
    public void writeText(Path file) throws IOException {
        write(file, samples.stream().map(sample -> kind.isChat() ? conversation(sample) : text(sample)).toList());
    }

    /** Writes the same samples as token ids and labels, -100 for what is no target. */
    public void writeTokens(Path file) throws IOException {
        write(file, samples.stream().map(BenchData::labelled).toList());
    }

    private static void write(Path file, List<?> lines) throws IOException {
        try (BufferedWriter writer = Files.newBufferedWriter(file)) {
            for (Object line : lines) {
                writer.write(Json.write(line) + "\n");
            }
        }
    }

    /** The end token comes from the tokenizer's configuration. */
    private static Object text(EncodedSample sample) {
        return Map.of("text", words(sample, 0, sample.length() - 1));
    }

    private static Object conversation(EncodedSample sample) {
        int length = sample.length();
        int answer = sample.targetTokens();
        return Map.of("messages", List.of(
                message("user", words(sample, 2, length - answer - BETWEEN)),
                message("assistant", words(sample, length - answer, length - 1))));
    }

    private static Map<String, String> message(String role, String content) {
        return Map.of("role", role, "content", content);
    }

    private static String words(EncodedSample sample, int from, int to) {
        return Arrays.stream(sample.tokens(), from, to).mapToObj(WordTokenizer::word)
                .collect(Collectors.joining(" "));
    }

    private static Object labelled(EncodedSample sample) {
        int[] labels = IntStream.range(0, sample.length())
                .map(i -> sample.weights()[i] == 0 ? NO_TARGET : sample.tokens()[i]).toArray();
        return Map.of("input_ids", sample.tokens(), "labels", labels);
    }
}
