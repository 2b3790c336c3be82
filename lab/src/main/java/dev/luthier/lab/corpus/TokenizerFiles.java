package dev.luthier.lab.corpus;

import dev.luthier.core.json.Json;
import dev.luthier.lab.corpus.BpeTrainer.Vocabulary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes a vocabulary as the files that Hugging Face's libraries load: {@code tokenizer.json}, {@code tokenizer_config.json}. */
public final class TokenizerFiles {
    /** Ends a document; also the padding token. */
    public static final String END_OF_TEXT = "<|endoftext|>";
    /** Begins a chat turn; the role and a line break follow. */
    public static final String TURN_START = "<|im_start|>";
    /** Ends a chat turn. */
    public static final String TURN_END = "<|im_end|>";
    /** In the order of their ids, from 0. */
    public static final List<String> SPECIAL_TOKENS = List.of(END_OF_TEXT, TURN_START, TURN_END);

    /**
     * ChatML; what the assistant says, with the token that ends its turn, is marked for training. The model has not learned tools, so
     * they are refused rather than left out.
     */
    private static final String CHAT_TEMPLATE = """
            {%- if tools -%}{{- raise_exception('This model was not trained to call tools.') -}}{%- endif -%}
            {%- for message in messages -%}
            {%- if message['role'] not in ['system', 'user', 'assistant'] -%}
            {{- raise_exception('Roles of this model are system, user and assistant.') -}}
            {%- endif -%}
            {{- '<|im_start|>' + message['role'] + '\\n' -}}
            {%- if message['role'] == 'assistant' -%}
            {%- generation -%}{{- message['content'] + '<|im_end|>' -}}{%- endgeneration -%}{{- '\\n' -}}
            {%- else -%}
            {{- message['content'] + '<|im_end|>\\n' -}}
            {%- endif -%}
            {%- endfor -%}
            {%- if add_generation_prompt -%}{{- '<|im_start|>assistant\\n' -}}{%- endif -%}
            """;

    private TokenizerFiles() {}

    /**
     * Writes both files into an existing directory, replacing older ones.
     *
     * @param maxPositions
     *            the context length of the model, in tokens
     */
    public static void write(Vocabulary vocabulary, int maxPositions, Path directory) throws IOException {
        Files.writeString(directory.resolve("tokenizer.json"), Json.writePretty(tokenizer(vocabulary)) + "\n");
        Files.writeString(directory.resolve("tokenizer_config.json"), Json.writePretty(config(maxPositions)) + "\n");
    }

    private static Map<String, @Nullable Object> tokenizer(Vocabulary vocabulary) {
        Map<String, Integer> ids = BpeTrainer.ids(vocabulary);
        List<Object> added = new ArrayList<>();
        for (String token : vocabulary.specialTokens()) {
            added.add(
                    map("id", ids.get(token), "content", token, "single_word", false, "lstrip", false, "rstrip", false,
                            "normalized", false, "special", true));
        }
        Map<String, @Nullable Object> byteLevel = map("type", "ByteLevel", "add_prefix_space", false, "trim_offsets",
                false, "use_regex", false);
        Map<String, @Nullable Object> split = map("type", "Split", "pattern", map("Regex", Pieces.PATTERN), "behavior",
                "Isolated", "invert", false);
        Map<String, @Nullable Object> model = map("type", "BPE", "dropout", null, "unk_token", null,
                "continuing_subword_prefix", null, "end_of_word_suffix", null, "fuse_unk", false, "byte_fallback",
                false,
                "ignore_merges", false, "vocab", ids, "merges",
                vocabulary.merges().stream().map(pair -> pair.left() + " " + pair.right()).toList());
        return map("version", "1.0", "truncation", null, "padding", null, "added_tokens", added, "normalizer", null,
                "pre_tokenizer", map("type", "Sequence", "pretokenizers", List.of(split, byteLevel)), "post_processor",
                null, "decoder", byteLevel, "model", model);
    }

    private static Map<String, @Nullable Object> config(int maxPositions) {
        return map("tokenizer_class", "PreTrainedTokenizerFast", "add_bos_token", false, "add_eos_token", false,
                "clean_up_tokenization_spaces", false, "bos_token", null, "eos_token", TURN_END, "pad_token",
                END_OF_TEXT,
                "unk_token", null, "model_max_length", maxPositions, "chat_template", CHAT_TEMPLATE);
    }

    private static Map<String, @Nullable Object> map(@Nullable Object... keysAndValues) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            map.put(String.valueOf(keysAndValues[i]), keysAndValues[i + 1]);
        }
        return map;
    }
}
