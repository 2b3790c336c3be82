package dev.luthier.engine.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.luthier.core.json.Json;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.run.ComputeDevice;
import dev.luthier.core.safetensors.SafetensorsFile;
import dev.luthier.engine.decoder.ParityFixture;
import dev.luthier.engine.generate.TokenModel.Piece;
import dev.luthier.engine.generate.TokenModel.Row;
import dev.luthier.engine.tensor.DType;
import dev.luthier.engine.tensor.Libtorch;
import dev.luthier.engine.train.ForeignAdapter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Generation with the cache against logits that Hugging Face transformers computed without one, in fp32. */
class DecoderModelTest {
    private static final Path FIXTURES = Path.of("src/test/resources/parity");
    private static final float TOLERANCE = 1e-3f;

    @BeforeAll
    static void start() {
        Libtorch.start();
    }

    private static DecoderModel load(String name) {
        return DecoderModel.load(FIXTURES.resolve(name), DType.FP32, 128, 64L << 20);
    }

    private static float[] only(DecoderModel model, Row row, int... tokens) {
        return model.step(List.of(new Piece(row, tokens, 1)))[0][0];
    }

    private static float[] goldenRow(ParityFixture fixture, String name, int row, int vocabSize) {
        float[] all = fixture.golden(name);
        return Arrays.copyOfRange(all, row * vocabSize, (row + 1) * vocabSize);
    }

    private static void assertClose(float[] logits, float[] expected) {
        assertThat(logits).hasSameSizeAs(expected);
        for (int i = 0; i < logits.length; i++) {
            assertThat(logits[i]).isCloseTo(expected[i], within(TOLERANCE));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "mistral-swa", "qwen2", "qwen3"})
    void cachedLogitsEqualThoseOfAFullForward(String name) {
        assertCachedLogitsAreGolden(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "mistral-swa", "qwen2", "qwen3"})
    void cachedLogitsOfAGpuEqualThoseOfAFullForward(String name) {
        assumeTrue(torch.cuda_is_available(),
                "no GPU that libtorch can use: run with -Pcuda on a machine with an NVIDIA GPU");
        Libtorch.use(ComputeDevice.CUDA);
        try {
            assertCachedLogitsAreGolden(name);
        } finally {
            Libtorch.use(ComputeDevice.CPU);
        }
    }

    private static void assertCachedLogitsAreGolden(String name) {
        try (ParityFixture fixture = new ParityFixture(name); DecoderModel model = load(name)) {
            model.loadAdapter("tuned", fixture.adapterPath());
            for (int sample = 0; sample < ParityFixture.SAMPLES; sample++) {
                int[] tokens = fixture.samples().get(sample).tokens();
                for (String adapter : new String[]{"", "tuned"}) {
                    String golden = (adapter.isEmpty() ? "logits." : "adapted_logits.") + sample;
                    try (Row row = model.open(adapter.isEmpty() ? null : adapter, tokens.length)) {
                        int prompt = Math.max(1, tokens.length / 3);
                        assertClose(only(model, row, Arrays.copyOf(tokens, prompt)),
                                goldenRow(fixture, golden, prompt - 1, model.vocabSize()));
                        for (int i = prompt; i < tokens.length; i++) {
                            assertClose(only(model, row, tokens[i]),
                                    goldenRow(fixture, golden, i, model.vocabSize()));
                        }
                    }
                }
            }
        }
    }

    /** Rows of base and adapter start, grow by one or several tokens, and leave, in a random order. */
    @ParameterizedTest
    @ValueSource(strings = {"llama", "mistral-swa", "qwen2", "qwen3"})
    void rowsOfABatchDoNotTouchEachOther(String name) {
        long seed = 11;
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        try (ParityFixture fixture = new ParityFixture(name); DecoderModel model = load(name)) {
            model.loadAdapter("tuned", fixture.adapterPath());
            List<Follower> rows = new ArrayList<>();
            for (int step = 0; step < 60; step++) {
                if (rows.size() < 6 && random.nextInt(3) > 0) {
                    rows.add(new Follower(model, fixture, random.nextInt(ParityFixture.SAMPLES),
                            random.nextBoolean() ? "tuned" : null));
                }
                List<Follower> chosen = rows.stream().filter(row -> random.nextInt(4) > 0).toList();
                if (chosen.isEmpty()) {
                    continue;
                }
                float[][][] logits = model
                        .step(chosen.stream().map(row -> row.piece(1 + random.nextInt(8) / 5 * 7)).toList());
                for (int i = 0; i < chosen.size(); i++) {
                    chosen.get(i).check(logits[i][0], "seed " + seed + ", step " + step);
                }
                rows.removeIf(Follower::closeAtEnd);
            }
        }
    }

    /** A row that is fed a fixture's sample. */
    private static final class Follower {
        private final DecoderModel model;
        private final ParityFixture fixture;
        private final int[] tokens;
        private final String golden;
        private final Row row;

        Follower(DecoderModel model, ParityFixture fixture, int sample, @Nullable String adapter) {
            this.model = model;
            this.fixture = fixture;
            this.tokens = fixture.samples().get(sample).tokens();
            this.golden = (adapter == null ? "logits." : "adapted_logits.") + sample;
            this.row = model.open(adapter, tokens.length);
        }

        Piece piece(int count) {
            int from = row.length();
            return new Piece(row, Arrays.copyOfRange(tokens, from, Math.min(tokens.length, from + count)), 1);
        }

        void check(float[] logits, String where) {
            float[] expected = goldenRow(fixture, golden, row.length() - 1, model.vocabSize());
            for (int i = 0; i < logits.length; i++) {
                assertThat(logits[i]).as(where).isCloseTo(expected[i], within(TOLERANCE));
            }
        }

        boolean closeAtEnd() {
            if (row.length() == tokens.length) {
                row.close();
                return true;
            }
            return false;
        }
    }

    /** See {@code make_classifier.py}. */
    @ParameterizedTest
    @ValueSource(strings = {"llama", "mistral-swa"})
    void probabilitiesOfAClassifierAreThoseOfPeft(String name) throws IOException {
        Path golden = FIXTURES.resolve("classifier");
        List<int[]> texts = Files.readAllLines(golden.resolve("samples.jsonl")).stream()
                .map(line -> IntStream.concat(Arrays.stream(Json.parse(line).get("text").asString().split(" "))
                        .mapToInt(word -> Integer.parseInt(word.substring(1)) + 3), IntStream.of(2)).toArray())
                .toList();
        try (DecoderModel model = load(name);
                SafetensorsFile expected = SafetensorsFile.open(golden.resolve(name + "/golden.safetensors"))) {
            model.loadAdapter("classifier", golden.resolve(name + "/adapter"));
            double[][] probabilities = model.classify("classifier", texts);
            for (int i = 0; i < texts.size(); i++) {
                float[] scores = expected.tensor("scores." + i).toFloats();
                double sum = Math.exp(scores[0]) + Math.exp(scores[1]) + Math.exp(scores[2]);
                assertThat(probabilities[i]).containsExactly(
                        new double[]{Math.exp(scores[0]) / sum, Math.exp(scores[1]) / sum, Math.exp(scores[2]) / sum,
                                1 / (1 + Math.exp(-scores[3])), 1 / (1 + Math.exp(-scores[4]))},
                        within(1e-4));
                assertThat(model.classify("classifier", List.of(texts.get(i)))[0]).containsExactly(probabilities[i],
                        within(1e-5));
            }
        }
    }

    @Test
    void adaptersOfBothKindsAreUsedForWhatTheyAre() {
        try (ParityFixture fixture = new ParityFixture("llama"); DecoderModel model = load("llama")) {
            model.loadAdapter("tuned", fixture.adapterPath());
            model.loadAdapter("classifier", FIXTURES.resolve("classifier/llama/adapter"));
            assertThatThrownBy(() -> model.open("classifier", 5)).isInstanceOf(ProblemException.class)
                    .hasMessage("The model classifier is a classifier and continues no texts.");
            assertThatThrownBy(() -> model.classify("tuned", List.of(new int[]{5})))
                    .isInstanceOf(ProblemException.class).hasMessage("The model tuned is not a classifier.");
            assertThatThrownBy(() -> model.classify("nobody", List.of(new int[]{5})))
                    .isInstanceOf(ProblemException.class).hasMessage("No adapter named nobody is loaded.");
            assertThat(model.unloadAdapter("classifier")).isTrue();
        }
    }

    @Test
    void logprobsOfAPromptAreThoseOfTheFullForward() throws Exception {
        try (ParityFixture fixture = new ParityFixture("qwen3"); GenerationLoop loop = GenerationLoop.start(() -> {
            Libtorch.start();
            DecoderModel model = load("qwen3");
            model.loadAdapter("tuned", fixture.adapterPath());
            return model;
        })) {
            int vocabSize = loop.call(TokenModel::vocabSize);
            int[] tokens = fixture.samples().getFirst().tokens();
            for (String adapter : new String[]{"", "tuned"}) {
                Generation generation = loop.submit(new Generation.Request(tokens,
                        adapter.isEmpty() ? null : adapter, 1, Sampling.GREEDY, Set.of(), true, -1, 3));
                List<Generation.Logprob> scores = ((Generation.Event.PromptScored) Objects
                        .requireNonNull(generation.poll(60_000))).logprobs();
                assertThat(scores).hasSize(tokens.length - 1);
                for (int i = 1; i < tokens.length; i++) {
                    float[] logits = goldenRow(fixture, (adapter.isEmpty() ? "logits." : "adapted_logits.") + 0, i - 1,
                            vocabSize);
                    double total = 0;
                    for (float logit : logits) {
                        total += Math.exp(logit);
                    }
                    assertThat(scores.get(i - 1).token()).isEqualTo(tokens[i]);
                    assertThat(scores.get(i - 1).logprob()).isCloseTo(logits[tokens[i]] - Math.log(total),
                            within((double) TOLERANCE));
                    assertThat(scores.get(i - 1).top()).hasSize(3);
                }
            }
        }
    }

    @Test
    void generatedTokensAreThoseOfTheFullForward() throws Exception {
        int[] prompt = {5, 9, 17};
        List<Integer> generated = new ArrayList<>();
        try (GenerationLoop loop = GenerationLoop.start(() -> {
            Libtorch.start();
            return load("qwen3");
        })) {
            Generation generation = loop
                    .submit(new Generation.Request(prompt, null, 20, Sampling.GREEDY, Set.of(), true, -1, -1));
            for (var event = generation.poll(60_000); event instanceof Generation.Event.Token token; event = generation
                    .poll(60_000)) {
                generated.add(token.id());
            }
        }
        assertThat(generated).hasSize(20);
        try (DecoderModel model = load("qwen3")) {
            for (int i = 0; i < generated.size(); i++) {
                int[] text = Arrays.copyOf(prompt, prompt.length + i);
                for (int j = 0; j < i; j++) {
                    text[prompt.length + j] = generated.get(j);
                }
                try (Row row = model.open(null, text.length)) {
                    assertThat(Sampler.mostLikely(only(model, row, text))).isEqualTo(generated.get(i));
                }
            }
        }
    }

    @Test
    void adapterWithModulesRanksAndAlphasByLayerGivesTheLogitsOfItsMergedModel(@TempDir Path folder)
            throws IOException {
        ForeignAdapter.write(folder.resolve("adapter"), folder.resolve("merged"));
        try (ParityFixture fixture = new ParityFixture("llama");
                DecoderModel model = load("llama");
                DecoderModel merged = DecoderModel.load(folder.resolve("merged"), DType.FP32, 128, 64L << 20)) {
            model.loadAdapter("foreign", folder.resolve("adapter"));
            int[] tokens = fixture.samples().getFirst().tokens();
            try (Row tuned = model.open("foreign", tokens.length);
                    Row expected = merged.open(null, tokens.length);
                    Row base = model.open(null, tokens.length)) {
                float[] logits = only(model, tuned, tokens);
                assertClose(logits, only(merged, expected, tokens));
                assertThat(logits[0]).isNotCloseTo(only(model, base, tokens)[0], within(10 * TOLERANCE));
            }
        }
    }

    @Test
    void anUnloadedAdapterServesItsOpenRowsToTheEnd() {
        try (ParityFixture fixture = new ParityFixture("llama"); DecoderModel model = load("llama")) {
            int[] tokens = fixture.samples().getFirst().tokens();
            model.loadAdapter("tuned", fixture.adapterPath());
            try (Row row = model.open("tuned", tokens.length)) {
                only(model, row, tokens[0]);
                assertThat(model.unloadAdapter("tuned")).isTrue();
                assertClose(only(model, row, tokens[1]),
                        goldenRow(fixture, "adapted_logits.0", 1, model.vocabSize()));
                assertThatThrownBy(() -> model.open("tuned", 5)).isInstanceOf(ProblemException.class);
            }
            assertThat(model.unloadAdapter("tuned")).isFalse();
        }
    }

    @Test
    void theCacheIsBoundedByMemoryAndRows() {
        try (DecoderModel model = load("llama")) {
            List<Row> rows = new ArrayList<>();
            while (model.hasRoomFor(16)) {
                rows.add(model.open(null, 16));
            }
            assertThat(rows).hasSize(16);
            rows.forEach(Row::close);
        }
        try (DecoderModel small = DecoderModel.load(FIXTURES.resolve("llama"), DType.FP32, 128, 1 << 16)) {
            assertThat(small.maxContext()).isLessThan(128);
            Row row = small.open(null, small.maxContext() / 2);
            assertThat(small.hasRoomFor(small.maxContext() / 2)).isTrue();
            assertThat(small.hasRoomFor(small.maxContext())).isFalse();
            row.close();
            assertThat(small.hasRoomFor(small.maxContext())).isTrue();
        }
    }

    @Test
    void aStepThatFailsChangesNoRow() {
        try (ParityFixture fixture = new ParityFixture("llama"); DecoderModel model = load("llama")) {
            int[] tokens = fixture.samples().getFirst().tokens();
            try (Row row = model.open(null, tokens.length)) {
                only(model, row, tokens[0]);
                assertThatThrownBy(() -> only(model, row, model.vocabSize() + 7)).isInstanceOf(RuntimeException.class);
                assertThat(row.length()).isEqualTo(1);
                assertClose(only(model, row, tokens[1]), goldenRow(fixture, "logits.0", 1, model.vocabSize()));
            }
        }
    }

    @Test
    void nativeMemoryStaysFlatOverClassifications() {
        try (DecoderModel model = load("llama")) {
            model.loadAdapter("classifier", FIXTURES.resolve("classifier/llama/adapter"));
            long before = 0;
            for (int round = 0; round < 40; round++) {
                model.classify("classifier", List.of(new int[]{5, 6, 7}, new int[]{8}));
                if (round == 19) {
                    before = Pointer.totalCount();
                }
            }
            assertThat(Pointer.totalCount()).isEqualTo(before);
        }
    }

    @Test
    void nativeMemoryStaysFlat() {
        try (ParityFixture fixture = new ParityFixture("llama"); DecoderModel model = load("llama")) {
            int[] tokens = Arrays.copyOf(fixture.samples().getFirst().tokens(), 10);
            model.loadAdapter("tuned", fixture.adapterPath());
            long before = 0;
            for (int round = 0; round < 40; round++) {
                try (Row row = model.open(round % 2 == 0 ? "tuned" : null, tokens.length)) {
                    for (int token : tokens) {
                        only(model, row, token);
                    }
                }
                if (round == 19) {
                    before = Pointer.totalCount();
                }
            }
            assertThat(Pointer.totalCount()).isEqualTo(before);
        }
    }
}
