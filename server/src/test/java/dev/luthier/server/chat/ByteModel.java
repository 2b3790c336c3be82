package dev.luthier.server.chat;

import dev.luthier.core.json.Json;
import dev.luthier.core.model.ModelConfig;
import dev.luthier.core.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import tools.jackson.databind.node.ObjectNode;

/**
 * A base model directory whose tokenizer has one token for each byte of UTF-8, so that a test can say where an answer's
 * tokens end. Token of byte b: {@code b + 3}; 0 to 2 are special.
 */
public final class ByteModel {
    static final int END = 2;

    private static final String CONFIG = """
            {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": 259, "hidden_size": 12,
             "intermediate_size": 20, "num_hidden_layers": 1, "num_attention_heads": 3, "num_key_value_heads": 1,
             "head_dim": 4, "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "max_position_embeddings": 256,
             "tie_word_embeddings": true, "attention_bias": false, "mlp_bias": false, "hidden_act": "silu",
             "torch_dtype": "float32", "bos_token_id": 1, "eos_token_id": 2}""";

    private ByteModel() {}

    /** Writes the model into a directory that need not be there yet; an empty template is none. */
    public static Path write(Path directory, String template) {
        try {
            Files.createDirectories(directory);
            Files.writeString(directory.resolve("tokenizer.json"), Json.write(tokenizer()));
            ObjectNode settings = Json.MAPPER.createObjectNode().put("tokenizer_class", "PreTrainedTokenizerFast")
                    .put("bos_token", "<s>").put("eos_token", "</s>");
            if (!template.isEmpty()) {
                settings.put("chat_template", template);
            }
            Files.writeString(directory.resolve("tokenizer_config.json"), Json.write(settings));
            SafetensorsWriter weights = new SafetensorsWriter();
            ModelConfig.parse(Json.parse(CONFIG)).tensorShapes().forEach((name, shape) -> weights.add(name, shape,
                    new float[shape.stream().mapToInt(Long::intValue).reduce(1, Math::multiplyExact)]));
            weights.write(directory.resolve("model.safetensors"));
            Files.writeString(directory.resolve("config.json"), CONFIG);
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Lets the tokenizer put the token 1 before every text. */
    static void beginTexts(Path model) {
        try {
            Path file = model.resolve("tokenizer.json");
            ObjectNode tokenizer = (ObjectNode) Json.parse(Files.readString(file));
            tokenizer.set("post_processor", Json.parse("""
                    {"type": "TemplateProcessing",
                     "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
                     "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 0}}],
                     "special_tokens": {"<s>": {"id": "<s>", "ids": [1], "tokens": ["<s>"]}}}"""));
            Files.writeString(file, Json.write(tokenizer));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Lets the tokenizer split texts by a regular expression, before bytes become tokens. */
    public static Path splitTexts(Path model, String regularExpression) {
        try {
            Path file = model.resolve("tokenizer.json");
            ObjectNode tokenizer = (ObjectNode) Json.parse(Files.readString(file));
            ObjectNode byBytes = (ObjectNode) tokenizer.get("pre_tokenizer");
            ObjectNode both = tokenizer.putObject("pre_tokenizer").put("type", "Sequence");
            ObjectNode split = both.putArray("pretokenizers").addObject().put("type", "Split")
                    .put("behavior", "Isolated").put("invert", false);
            split.putObject("pattern").put("Regex", regularExpression);
            both.withArray("pretokenizers").add(byBytes);
            Files.writeString(file, Json.write(tokenizer));
            return model;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The tokens of a text. */
    static int[] tokens(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return IntStream.range(0, bytes.length).map(i -> (bytes[i] & 0xff) + 3).toArray();
    }

    /** The tokens of a text and the end token. */
    static int[] ended(String text) {
        return IntStream.concat(IntStream.of(tokens(text)), IntStream.of(END)).toArray();
    }

    private static ObjectNode tokenizer() {
        ObjectNode tokenizer = Json.MAPPER.createObjectNode().put("version", "1.0").putNull("truncation")
                .putNull("padding");
        String[] special = {"[TOOL_CALLS]", "<s>", "</s>"};
        for (int id = 0; id < special.length; id++) {
            tokenizer.withArray("added_tokens").addObject().put("id", id).put("content", special[id])
                    .put("single_word", false).put("lstrip", false).put("rstrip", false).put("normalized", false)
                    .put("special", true);
        }
        tokenizer.putNull("normalizer").putNull("post_processor");
        tokenizer.putObject("pre_tokenizer").put("type", "ByteLevel").put("add_prefix_space", false)
                .put("trim_offsets", true).put("use_regex", false);
        tokenizer.putObject("decoder").put("type", "ByteLevel").put("add_prefix_space", false)
                .put("trim_offsets", true).put("use_regex", false);
        ObjectNode model = tokenizer.putObject("model").put("type", "BPE").putNull("unk_token");
        ObjectNode vocabulary = model.putObject("vocab");
        for (int id = 0; id < special.length; id++) {
            vocabulary.put(special[id], id);
        }
        int next = 256;
        for (int value = 0; value < 256; value++) {
            // GPT-2's table: printable characters stand for themselves, the others for those from U+0100 on.
            boolean printable = (value >= 33 && value <= 126) || (value >= 161 && value != 173);
            vocabulary.put(String.valueOf((char) (printable ? value : next++)), value + 3);
        }
        model.putArray("merges");
        return tokenizer;
    }
}
