package dev.luthier.server.job;

import dev.luthier.core.json.Json;
import dev.luthier.core.model.ModelConfig;
import dev.luthier.core.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A base model directory with a Llama configuration, weights of zero, and a tokenizer that makes one token of each
 * word: a line of plain text comes to its words and an end token.
 */
public final class TinyModel {
    /** Tokens that it takes at most. */
    public static final int CONTEXT = 128;

    private static final String CONFIG = """
            {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": 16, "hidden_size": 12,
             "intermediate_size": 20, "num_hidden_layers": 1, "num_attention_heads": 3, "num_key_value_heads": 1,
             "head_dim": 4, "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "max_position_embeddings": 128,
             "tie_word_embeddings": true, "attention_bias": false, "mlp_bias": false, "hidden_act": "silu",
             "torch_dtype": "float32", "bos_token_id": null, "eos_token_id": 2}""";
    private static final String TOKENIZER = """
            {"version": "1.0", "truncation": null, "padding": null,
             "added_tokens": [
               {"id": 1, "content": "<|im_start|>", "single_word": false, "lstrip": false, "rstrip": false,
                "normalized": false, "special": true},
               {"id": 2, "content": "<|im_end|>", "single_word": false, "lstrip": false, "rstrip": false,
                "normalized": false, "special": true}],
             "normalizer": null, "pre_tokenizer": {"type": "WhitespaceSplit"}, "post_processor": null,
             "decoder": null,
             "model": {"type": "WordLevel", "unk_token": "<unk>",
                       "vocab": {"<unk>": 0, "<|im_start|>": 1, "<|im_end|>": 2, "one": 3, "two": 4, "three": 5}}}""";
    private static final String TEMPLATE = """
            {%- for message in messages -%}
            {{- '<|im_start|>' + message['role'] + '\\n' -}}
            {%- if message['role'] == 'assistant' -%}
            {%- generation -%}{{- message['content'] + '<|im_end|>' -}}{%- endgeneration -%}{{- '\\n' -}}
            {%- else -%}
            {{- message['content'] + '<|im_end|>\\n' -}}
            {%- endif -%}
            {%- endfor -%}
            {%- if add_generation_prompt -%}{{- '<|im_start|>assistant\\n' -}}{%- endif -%}
            """;

    private TinyModel() {}

    /** Writes the model into a directory that need not be there yet. */
    public static Path write(Path directory) {
        try {
            Files.createDirectories(directory);
            Files.writeString(directory.resolve("tokenizer.json"), TOKENIZER);
            Files.writeString(directory.resolve("tokenizer_config.json"), Json.write(Json.MAPPER.createObjectNode()
                    .put("tokenizer_class", "PreTrainedTokenizerFast").put("eos_token", "<|im_end|>")
                    .put("chat_template", TEMPLATE)));
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
}
