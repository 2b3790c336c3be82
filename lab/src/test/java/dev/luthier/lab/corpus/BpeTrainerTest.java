package dev.luthier.lab.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.core.tokenizer.Tokenizer;
import dev.luthier.lab.corpus.BpeTrainer.Pair;
import dev.luthier.lab.corpus.BpeTrainer.Vocabulary;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BpeTrainerTest {
    @Test
    void mostFrequentPairMergesFirstAndTiesGoToTheFirstInOrder() {
        BpeTrainer trainer = new BpeTrainer(List.of("<|endoftext|>"), 261);
        for (int i = 0; i < 20; i++) {
            trainer.add("abab abab cd<|endoftext|>abab");
        }
        Vocabulary vocabulary = trainer.train();
        assertThat(vocabulary.merges()).startsWith(new Pair("a", "b"), new Pair("ab", "ab"));
        assertThat(vocabulary.tokens()).hasSize(261).startsWith("<|endoftext|>").contains("abab");
        assertThat(vocabulary.merges()).noneMatch(pair -> pair.left().contains("<"));
    }

    @Test
    void vocabularyMustHoldBytesAndSpecialTokens() {
        assertThatThrownBy(() -> new BpeTrainer(List.of("<|a|>"), 256)).hasMessageContaining("257");
    }

    @Test
    void sameTextGivesTheSameVocabulary() {
        assertThat(CorpusTokenizer.train(1, 2000, 1000)).isEqualTo(CorpusTokenizer.train(1, 2000, 1000));
    }

    @Test
    void anyTextSurvivesARoundTrip(@TempDir Path directory) throws Exception {
        TokenizerFiles.write(CorpusTokenizer.train(1, 3000, 1500), 1024, directory);
        assertThat(Files.readString(directory.resolve("tokenizer_config.json"))).contains("generation");
        long seed = 42;
        Random random = new Random(seed);
        try (Tokenizer tokenizer = Tokenizer.load(directory.resolve("tokenizer.json"))) {
            for (int i = 0; i < 300; i++) {
                String text = random.ints(random.nextInt(40), 1, 0x2FFFF).filter(Character::isDefined)
                        .filter(c -> c < 0xD800 || c > 0xDFFF)
                        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append).toString();
                assertThat(tokenizer.decode(tokenizer.encode(text, false), false)).as("seed %d", seed).isEqualTo(text);
            }
        }
    }

    @Test
    void digitsAndCapitalisedWordsSplitTheSameWithAndWithoutASpace(@TempDir Path directory) throws Exception {
        TokenizerFiles.write(CorpusTokenizer.train(1, 3000, 1500), 1024, directory);
        try (Tokenizer tokenizer = Tokenizer.load(directory.resolve("tokenizer.json"))) {
            for (String word : List.of("1", "35", "2026", "Anna", "Zurich", "Grelboor", "K47")) {
                int[] bare = tokenizer.encode(word, false);
                int[] spaced = tokenizer.encode("x " + word, false);
                assertThat(Arrays.copyOfRange(spaced, spaced.length - bare.length, spaced.length)).as(word)
                        .isEqualTo(bare);
            }
            assertThat(tokenizer.encode("123456", false)).hasSize(6);
            assertThat(tokenizer.encode("<|im_start|>user<|im_end|>", false)).startsWith(1).endsWith(2);
        }
    }
}
