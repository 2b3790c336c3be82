package dev.luthier.core.model;

import dev.luthier.core.digest.Sha256;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;

import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A base model on disk, in Hugging Face layout:
 *
 * <pre>
 * config.json  model.safetensors | model.safetensors.index.json + shards
 * tokenizer.json  [tokenizer_config.json]  [special_tokens_map.json]  [generation_config.json]  [chat_template.jinja]
 * </pre>
 *
 * <p>An immutable value; {@link #weights} and {@link #tokenizer} open what the caller closes. Every fault is a USER
 * problem that names the file.
 */
public final class ModelDirectory {

    private final Path path;
    private final ModelConfig config;
    private final String configSha256;
    private final List<Integer> eosTokenIds;
    private final SpecialTokens specialTokens;
    private final SequencedMap<String, String> chatTemplates;

    private ModelDirectory(Path path, ModelConfig config, String configSha256, List<Integer> eosTokenIds,
            SpecialTokens specialTokens, SequencedMap<String, String> chatTemplates) {
        this.path = path;
        this.config = config;
        this.configSha256 = configSha256;
        this.eosTokenIds = List.copyOf(eosTokenIds);
        this.specialTokens = specialTokens;
        this.chatTemplates = chatTemplates;
    }

    /** Reads everything but weights and tokenizer. */
    public static ModelDirectory open(Path path) {
        if (!Files.isDirectory(path)) {
            throw Problem.user("missing_model", path + " is not a directory.").asException();
        }
        Path configFile = path.resolve("config.json");
        ModelConfig config = ModelConfig.read(configFile);
        JsonNode generation = ModelFiles.objectIfPresent(path.resolve("generation_config.json"));
        return new ModelDirectory(path, config, sha256(configFile), eosTokenIds(config, generation),
                SpecialTokens.read(path), ChatTemplates.read(path));
    }

    /**
     * A name of a model directory that means the same on other machines: {@code ORG/NAME} for one in the cache of the
     * Hugging Face hub, else the directory's own name.
     */
    public static String portableName(Path directory) {
        Path own = directory.toAbsolutePath().normalize();
        Path real = own;
        try {
            real = directory.toRealPath();
        } catch (IOException e) {
            // A path says enough.
        }
        int names = real.getNameCount();
        if (names >= 3 && real.getName(names - 2).toString().equals("snapshots")) {
            String cached = real.getName(names - 3).toString();
            if (cached.matches("models--.+")) {
                return cached.substring("models--".length()).replace("--", "/");
            }
        }
        return Objects.requireNonNullElse(own.getFileName(), own).toString();
    }

    private static List<Integer> eosTokenIds(ModelConfig config, @Nullable JsonNode generation) {
        if (generation == null) {
            return config.eosTokenIds();
        }
        List<String> faults = new ArrayList<>();
        List<Integer> ids = new FieldReader(generation, "", faults).tokenIds("eos_token_id", config.eosTokenIds());
        if (!faults.isEmpty()) {
            throw Problem.user("invalid_model_file", "generation_config.json: " + String.join("; ", faults) + ".")
                    .asException();
        }
        return ids;
    }

    private static String sha256(Path file) {
        try {
            return Sha256.hex(file);
        } catch (IOException e) {
            throw ModelFiles.unreadable(file, e);
        }
    }

    public Path path() {
        return path;
    }

    public ModelConfig config() {
        return config;
    }

    /** SHA-256 of the bytes of {@code config.json}, lower-case hex. */
    public String configSha256() {
        return configSha256;
    }

    /** Tokens that end a generation: those of {@code generation_config.json}, else of {@code config.json}. */
    public List<Integer> eosTokenIds() {
        return eosTokenIds;
    }

    public SpecialTokens specialTokens() {
        return specialTokens;
    }

    /** Chat template sources by name, {@code default} first; empty for a model without chat template. */
    public SequencedMap<String, String> chatTemplates() {
        return chatTemplates;
    }

    /** The chat template named {@code default}. */
    public Optional<String> chatTemplate() {
        return Optional.ofNullable(chatTemplates.get(ChatTemplates.DEFAULT));
    }

    /** Whether the files hold all linear layers of the decoder in bf16. */
    public boolean hasBf16Layers() {
        try (ModelWeights weights = weights()) {
            return weights.hasBf16Layers();
        }
    }

    /** Maps the weights and checks that exactly the tensors of the configuration are there. The caller closes them. */
    public ModelWeights weights() {
        return ModelWeights.open(path, config);
    }

    /**
     * Loads {@code tokenizer.json} and checks that the embedding has a row for each of its tokens. The caller closes it.
     */
    public Tokenizer tokenizer() {
        Path file = path.resolve("tokenizer.json");
        Tokenizer tokenizer = Tokenizer.load(file);
        if (tokenizer.vocabSize() > config.vocabSize()) {
            tokenizer.close();
            throw Problem.user("invalid_tokenizer", file + " has token ids up to " + (tokenizer.vocabSize() - 1)
                    + ", but vocab_size in config.json is " + config.vocabSize() + ". They belong to different models.")
                    .asException();
        }
        return tokenizer;
    }

    /**
     * Tokens at which a generation stops: {@link #eosTokenIds} and the tokenizer's {@code eos_token}, which chat models
     * often name in one place only.
     *
     * @return ascending, without repetition
     */
    public List<Integer> stopTokenIds(Tokenizer tokenizer) {
        NavigableSet<Integer> ids = new TreeSet<>(eosTokenIds);
        specialTokens.end().ifPresent(token -> tokenizer.tokenId(token).ifPresent(ids::add));
        return List.copyOf(ids);
    }
}
