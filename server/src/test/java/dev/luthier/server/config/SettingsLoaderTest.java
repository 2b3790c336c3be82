package dev.luthier.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.core.run.MemoryTier;
import dev.luthier.core.run.Quantization;
import dev.luthier.server.training.ModelAlias;
import dev.luthier.server.training.TrainingKey;
import dev.luthier.server.training.TrainingRecipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsLoaderTest {
    @TempDir
    Path directory;

    private Settings load(Map<String, String> environment, String... flags) {
        List<String> all = new ArrayList<>(List.of("--data-dir", directory.toString()));
        all.addAll(List.of(flags));
        return SettingsLoader.load(all, environment);
    }

    @Test
    void flagsWinOverEnvironmentOverFileOverDefaults() throws IOException {
        assertThat(load(Map.of()).get(KnownSettings.PORT)).isEqualTo(8000);
        Files.writeString(directory.resolve("luthier.yaml"),
                "port: 8001\nhost: 127.0.0.2\nfiles:\n  max-bytes: 1GiB\n");
        assertThat(load(Map.of()).get(KnownSettings.PORT)).isEqualTo(8001);
        assertThat(load(Map.of("LUTHIER_PORT", "8002")).get(KnownSettings.PORT)).isEqualTo(8002);
        Settings all = load(Map.of("LUTHIER_PORT", "8002"), "--port=8003", "--detach");
        assertThat(all.get(KnownSettings.PORT)).isEqualTo(8003);
        assertThat(all.get(KnownSettings.DETACH)).isTrue();
        assertThat(all.get(KnownSettings.HOST)).isEqualTo("127.0.0.2");
        assertThat(all.get(KnownSettings.FILES_MAX_BYTES)).isEqualTo(1L << 30);
    }

    @Test
    void everyFaultOfEverySourceIsReportedAtOnce() throws IOException {
        Files.writeString(directory.resolve("luthier.yaml"), "prot: 1\nluthier:\n  hots: x\n");
        assertThatThrownBy(() -> load(Map.of("LUTHIER_PROT", "1"), "--prt", "3", "stray", "--files.max-bytes", "many",
                "--port"))
                .hasMessageContaining("--prt is unknown. Did you mean --port?")
                .hasMessageContaining("LUTHIER_PROT is unknown. Did you mean LUTHIER_PORT?")
                .hasMessageContaining("the setting prot is unknown. Did you mean port?")
                .hasMessageContaining("the setting hots is unknown. Did you mean host?")
                .hasMessageContaining("\"stray\" is not a flag")
                .hasMessageContaining("files.max-bytes must be a size such as 512MB")
                .hasMessageContaining("--port needs a value");
    }

    @Test
    void trainingIsSetInEverySourceAndRecipesInTheFileAndByFlags() throws IOException {
        assertThat(KnownSettings.trainingOf(load(Map.of())).get(TrainingKey.RANK)).isEqualTo(16);
        Files.writeString(directory.resolve("luthier.yaml"), """
                training: {rank: 8, targets: q_proj+v_proj, dora: true}
                recipes:
                  thrifty: {rank: 4, quantization: nf4, top-layers: 2}
                models:
                  aliases: {gpt-x: luthier-tiny@thrifty, other: luthier-tiny}
                """);
        Settings settings = load(Map.of("LUTHIER_TRAINING_RANK", "9"), "--training.top-layers", "3",
                "--recipes.thrifty.memory_tier=keep", "--models.aliases.gpt-y", "luthier-tiny@thrifty");
        TrainingRecipe defaults = KnownSettings.trainingOf(settings);
        assertThat(defaults.get(TrainingKey.RANK)).isEqualTo(9);
        assertThat(defaults.get(TrainingKey.TOP_LAYERS)).isEqualTo(3);
        assertThat(defaults.get(TrainingKey.TARGETS)).containsExactly("q_proj", "v_proj");
        assertThat(defaults.get(TrainingKey.DORA)).isTrue();
        assertThat(defaults.get(TrainingKey.ALPHA)).isEqualTo(32);
        TrainingRecipe thrifty = settings.get(KnownSettings.RECIPES).getOrDefault("thrifty", TrainingRecipe.EMPTY);
        assertThat(thrifty.get(TrainingKey.QUANTIZATION)).isEqualTo(Quantization.NF4);
        assertThat(thrifty.get(TrainingKey.MEMORY_TIER)).contains(MemoryTier.KEEP);
        assertThat(thrifty.says(TrainingKey.ALPHA)).isFalse();
        assertThat(settings.get(KnownSettings.MODELS_ALIASES)).containsOnlyKeys("gpt-x", "gpt-y", "other")
                .containsEntry("gpt-x", new ModelAlias("luthier-tiny", "thrifty"))
                .containsEntry("other", new ModelAlias("luthier-tiny", null));
    }

    @Test
    void faultyRecipesAreNamedByKey() {
        assertThatThrownBy(() -> load(Map.of("LUTHIER_TRAINING_DORA", "yes"), "--training.rank", "0",
                "--training.rnk", "1", "--recipes.thrifty.targets", "q_proj+x", "--recipes.thrifty.quantisation", "nf4",
                "--recipes.rank", "4"))
                .hasMessageContaining("training.rank must be a whole number from 1 to 512, not \"0\".")
                .hasMessageContaining("--training.rnk is unknown. Did you mean --training.rank?")
                .hasMessageContaining("training.dora must be true or false, not \"yes\".")
                .hasMessageContaining("recipes.thrifty.targets must be all, or names joined by +")
                .hasMessageContaining("recipes.thrifty.quantisation is unknown. Did you mean quantization?")
                .hasMessageContaining("recipes.rank must have the name of a recipe in it: recipes.NAME.rank");
        assertThatThrownBy(
                () -> load(Map.of(), "--recipes.thrifty.rank", "4", "--models.aliases.gpt-x", "luthier-tiny@thrify"))
                .hasMessageContaining("models.aliases.gpt-x names the recipe \"thrify\", which is not in recipes."
                        + " Did you mean thrifty?");
    }

    @Test
    void numberTypeIsLeftToTheMachineUnlessItIsSaid() {
        assertThat(load(Map.of()).get(KnownSettings.RUNS_TYPE)).isEqualTo("auto");
        assertThat(load(Map.of(), "--runs.type", "fp32", "--training.quantization", "nf4").get(KnownSettings.RUNS_TYPE))
                .isEqualTo("fp32");
        assertThatThrownBy(() -> load(Map.of(), "--runs.type", "fp16"))
                .hasMessageContaining("runs.type must be one of auto, bf16, fp32");
    }

    @Test
    void aliasesNameABaseModel() {
        for (String target : List.of("@small", "", " ")) {
            assertThatThrownBy(
                    () -> load(Map.of(), "--recipes.small.rank", "4", "--models.aliases.gpt-x", target))
                    .hasMessageContaining("models.aliases.gpt-x must be a base model");
        }
    }

    @Test
    void keysThatComeTwiceAreAFault() throws IOException {
        Files.writeString(directory.resolve("luthier.yaml"), "recipes:\n  small: {rank: 4, rank: 8}\n");
        assertThatThrownBy(() -> load(Map.of())).hasMessageContaining("duplicate key rank");
    }

    @Test
    void numbersAreDecimalDigits() {
        for (String rank : List.of("+8", "\u0668", "0x8", "8.0", "99999999999")) {
            assertThatThrownBy(() -> load(Map.of(), "--training.rank", rank))
                    .hasMessageContaining("training.rank must be a whole number from 1 to 512");
        }
        assertThatThrownBy(() -> load(Map.of(), "--runs.memory-bytes", "999999999999999GiB"))
                .hasMessageContaining("runs.memory-bytes must be less than 8589934592GiB");
    }

    @Test
    void portsOutOfRangeAndTextsAreFaults() {
        assertThatThrownBy(() -> load(Map.of(), "--port", "65536"))
                .hasMessageContaining("port must be from 0 to 65535");
        assertThatThrownBy(() -> load(Map.of("LUTHIER_PORT", "tcp://10.0.0.1:8000")))
                .hasMessageContaining("port must be a whole number");
        assertThatThrownBy(() -> load(Map.of(), "--public-url", "ftp://x")).hasMessageContaining("http or https");
    }

    @Test
    void namedFileMustBeThereAndBeYaml() throws IOException {
        assertThatThrownBy(() -> load(Map.of(), "--config", directory.resolve("no.yaml").toString()))
                .hasMessageContaining("no.yaml cannot be read");
        Files.writeString(directory.resolve("bad.yaml"), "port: [1\n");
        assertThatThrownBy(() -> load(Map.of(), "--config", directory.resolve("bad.yaml").toString()))
                .hasMessageContaining("is not valid YAML");
    }

    @Test
    void guideNamesEverySetting() throws IOException {
        String guide = Files.readString(Path.of("../docs/configuration.md"));
        for (Setting<?> setting : KnownSettings.ALL) {
            assertThat(guide).contains("`" + setting.key());
        }
    }
}
