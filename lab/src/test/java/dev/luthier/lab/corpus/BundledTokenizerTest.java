package dev.luthier.lab.corpus;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.json.Json;
import dev.luthier.core.tokenizer.Tokenizer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The tokenizer of the bundled model is the recipe's, and means in Java what it means in Python. */
class BundledTokenizerTest {
    private static final Path MODEL = Path.of("..", "models", "luthier-tiny");

    @Test
    void recipeGivesTheBundledFiles(@TempDir Path directory) throws Exception {
        JsonNode recipe = Json.parse(Files.readString(MODEL.resolve("recipe.json")));
        JsonNode corpus = recipe.get("corpus");
        TokenizerFiles.write(
                CorpusTokenizer.train(corpus.get("seed").asLong(), corpus.get("tokenizerDocuments").asInt(),
                        corpus.get("vocabularySize").asInt()),
                recipe.get("model").get("maxPositions").asInt(), directory);
        assertThat(directory.resolve("tokenizer.json")).hasSameTextualContentAs(MODEL.resolve("tokenizer.json"));
        assertThat(directory.resolve("tokenizer_config.json"))
                .hasSameTextualContentAs(MODEL.resolve("tokenizer_config.json"));
    }

    @Test
    void idsEqualThoseOfPython() throws Exception {
        Path golden = Path.of("src", "test", "resources", "corpus", "golden", "tokenizer.json");
        try (Tokenizer tokenizer = Tokenizer.load(MODEL.resolve("tokenizer.json"))) {
            for (JsonNode sample : Json.parse(Files.readString(golden))) {
                JsonNode ids = sample.get("ids");
                int[] expected = IntStream.range(0, ids.size()).map(i -> ids.get(i).asInt()).toArray();
                assertThat(tokenizer.encode(sample.get("text").asString(), false)).as(sample.get("text").asString())
                        .isEqualTo(expected);
            }
        }
    }

    @Test
    void wordsOfTheCommandsTaskAreSingleTokensInAnswers() throws Exception {
        try (Tokenizer tokenizer = Tokenizer.load(MODEL.resolve("tokenizer.json"))) {
            for (String field : CommandsData.KEYS.subList(0, 3)) {
                for (String word : CommandsData.vocabulary(field)) {
                    assertThat(tokenizer.encode(word, false)).as(word).hasSize(1);
                    assertThat(tokenizer.encode(" " + word, false)).as(word).hasSize(1);
                }
            }
        }
    }
}
