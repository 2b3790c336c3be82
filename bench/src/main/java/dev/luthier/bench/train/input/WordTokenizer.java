package dev.luthier.bench.train.input;

import dev.luthier.core.json.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A tokenizer whose every word is one token, so that lengths in words are lengths in tokens: {@code w5} is token 5. Its
 * chat template is ChatML.
 *
 * @param size tokens in all
 */
record WordTokenizer(int size) {
    static final int START = 1;
    static final int END = 2;
    static final int USER = 3;
    static final int ASSISTANT = 4;
    /** The first token that is an ordinary word. */
    static final int FIRST_WORD = 5;

    private static final List<String> NAMED = List.of("<|endoftext|>", "<|im_start|>", "<|im_end|>", "user",
            "assistant");
    private static final int SPECIAL = 3;
    private static final String CHAT_TEMPLATE = "{%- for message in messages -%}"
            + "{{- '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' -}}"
            + "{%- endfor -%}{%- if add_generation_prompt -%}{{- '<|im_start|>assistant\\n' -}}{%- endif -%}";

    WordTokenizer {
        if (size <= FIRST_WORD) {
            throw new IllegalArgumentException("a vocabulary of " + size + " has no words");
        }
    }

    /** The spelling of a word. */
    static String word(int token) {
        return token < NAMED.size() ? NAMED.get(token) : "w" + token;
    }

    /** The text of {@code tokenizer.json}. */
    String tokenizerJson() {
        Map<String, Integer> vocabulary = new LinkedHashMap<>();
        for (int token = 0; token < size; token++) {
            vocabulary.put(word(token), token);
        }
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("version", "1.0");
        json.put("truncation", null);
        json.put("padding", null);
        json.put("added_tokens", NAMED.subList(0, SPECIAL).stream().map(this::added).toList());
        json.put("normalizer", null);
        json.put("pre_tokenizer", Map.of("type", "WhitespaceSplit"));
        json.put("post_processor", null);
        json.put("decoder", null);
        json.put("model", ordered("type", "WordLevel", "vocab", vocabulary, "unk_token", NAMED.getFirst()));
        return Json.write(json);
    }

    /** The text of {@code tokenizer_config.json}. */
    String configJson(int longest) {
        return Json.writePretty(ordered("tokenizer_class", "PreTrainedTokenizerFast", "eos_token", word(END),
                "pad_token", NAMED.getFirst(), "unk_token", NAMED.getFirst(), "model_max_length", longest,
                "chat_template", CHAT_TEMPLATE));
    }

    private Map<String, Object> added(String token) {
        return ordered("id", NAMED.indexOf(token), "content", token, "single_word", false, "lstrip", false, "rstrip",
                false, "normalized", false, "special", true);
    }

    private static Map<String, Object> ordered(Object... pairs) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            map.put((String) pairs[i], pairs[i + 1]);
        }
        return map;
    }
}
