package dev.luthier.lab.corpus;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.json.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The bundled model is the one that its README and its report describe. */
class BundledModelTest {
    private static final Path MODEL = Path.of("..", "models", "luthier-tiny");
    private static final Pattern FILE = Pattern.compile("\\| `([a-z_.]+)` \\| `([0-9a-f]{64})` \\|");

    @Test
    void filesHaveTheHashesOfTheReadme() throws Exception {
        var files = FILE.matcher(Files.readString(MODEL.resolve("README.md"))).results().toList();
        assertThat(files).hasSize(7);
        for (MatchResult file : files) {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest(Files.readAllBytes(MODEL.resolve(file.group(1))));
            assertThat(HexFormat.of().formatHex(digest)).as(file.group(1)).isEqualTo(file.group(2));
        }
    }

    @Test
    void reportIsOfTheRecipeBesideIt() throws Exception {
        assertThat(Json.parse(Files.readString(MODEL.resolve("pretraining.json"))).get("recipe"))
                .isEqualTo(Json.parse(Files.readString(MODEL.resolve("recipe.json"))));
    }

    @Test
    void weightsAreSmallEnoughToBundle() throws Exception {
        assertThat(Files.size(MODEL.resolve("model.safetensors"))).isLessThan(16 << 20);
    }
}
