package dev.luthier.core.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.core.chat.Conversation;
import dev.luthier.core.chat.Message;
import dev.luthier.core.chat.TemplateNote;
import dev.luthier.core.json.Json;
import dev.luthier.core.model.ModelDirectory;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@link SampleEncoder#of}: the encoder of a model directory. */
final class ModelEncoderTest {
    private static final Path TOKENIZERS = Path.of("src/test/resources/tokenizer");

    @TempDir
    Path model;

    @BeforeEach
    void makeModel() throws IOException {
        Files.writeString(model.resolve("config.json"), """
                {"architectures":["LlamaForCausalLM"],"model_type":"llama","vocab_size":512,"hidden_size":48,
                "intermediate_size":96,"num_hidden_layers":1,"num_attention_heads":4,"num_key_value_heads":2,
                "max_position_embeddings":128,"rms_norm_eps":1e-5,"rope_theta":10000.0,"hidden_act":"silu",
                "tie_word_embeddings":true,"torch_dtype":"float32"}
                """);
        copyTokenizer("byte-level");
        writeConfig("<|im_end|>", "");
    }

    private void copyTokenizer(String kind) throws IOException {
        Files.copy(TOKENIZERS.resolve(kind).resolve("tokenizer.json"), model.resolve("tokenizer.json"),
                StandardCopyOption.REPLACE_EXISTING);
    }

    private void writeConfig(String endToken, String more) throws IOException {
        Files.writeString(model.resolve("tokenizer_config.json"), "{\"eos_token\":\"" + endToken + "\"" + more + "}");
    }

    @Test
    void everythingThatDecidesTokensChangesIt() throws IOException {
        String first = fingerprint();
        assertThat(first).matches("[0-9a-f]{64}").isEqualTo(fingerprint());
        writeConfig("<|im_end|>", ",\"chat_template\":\"{{ messages }}\"");
        String second = fingerprint();
        writeConfig("<|im_end|>", ",\"chat_template\":\"{{ messages }}\",\"bos_token\":\"<|im_start|>\"");
        String third = fingerprint();
        copyTokenizer("metaspace");
        assertThat(first).isNotEqualTo(second);
        assertThat(third).isNotEqualTo(second).isNotEqualTo(fingerprint());
    }

    @Test
    void textEndsWithTheModelsEndToken() {
        try (Tokenizer tokenizer = ModelDirectory.open(model).tokenizer()) {
            EncodedSample sample = SampleEncoder.of(ModelDirectory.open(model), tokenizer, List.of())
                    .encode(new Sample.Text("the dog")).sequences().getFirst();
            assertThat(tokenizer.decode(sample.tokens(), false)).isEqualTo("<|endoftext|>the dog<|im_end|>");
        }
    }

    @Test
    void conversationsAreRenderedByTheModelsTemplate() throws IOException {
        writeConfig("<|im_end|>",
                ",\"chat_template\":\"{% for m in messages %}{{ m.content + eos_token }}{% endfor %}\"");
        ModelDirectory directory = ModelDirectory.open(model);
        try (Tokenizer tokenizer = directory.tokenizer()) {
            Sample sample = new Sample.Chat(new Conversation(List.of(Message.user("the fox"),
                    Message.assistant("the dog"))), List.of(0, 1));
            EncodedSample encoded = SampleEncoder.of(directory, tokenizer, List.of()).encode(sample).sequences()
                    .getFirst();
            assertThat(tokenizer.decode(encoded.tokens(), false)).isEqualTo("the fox<|im_end|>the dog<|im_end|>");
            int[] targets = IntStream.range(0, encoded.length()).filter(i -> encoded.weights()[i] == 1)
                    .map(i -> encoded.tokens()[i]).toArray();
            assertThat(tokenizer.decode(targets, false)).isEqualTo("the dog<|im_end|>");
        }
    }

    @Test
    void toolsAreRenderedByTheTemplateForThem() throws IOException {
        String message = "{% for m in messages %}{{ m.content + eos_token }}{% endfor %}";
        writeConfig("<|im_end|>", ",\"chat_template\":[{\"name\":\"default\",\"template\":\"" + message
                + "\"},{\"name\":\"tool_use\",\"template\":\"{{ tools[0].name }} " + message + "\"}]");
        ModelDirectory directory = ModelDirectory.open(model);
        try (Tokenizer tokenizer = directory.tokenizer()) {
            Sample sample = new Sample.Chat(new Conversation(List.of(Message.user("the fox"),
                    Message.assistant("the dog")), List.of(Json.parse("{\"name\":\"lamp\"}"))), List.of(0, 1));
            assertThat(tokenizer.decode(SampleEncoder.of(directory, tokenizer, List.of()).encode(sample).sequences()
                    .getFirst().tokens(), false))
                    .startsWith("lamp the fox");
        }
        String first = fingerprint();
        Files.createDirectories(model.resolve("additional_chat_templates"));
        Files.writeString(model.resolve("additional_chat_templates/default.jinja"), message);
        assertThat(fingerprint()).isNotEqualTo(first);
    }

    @Test
    void theTokenBetweenTurnsIsATargetAtTheEnd() throws IOException {
        writeConfig("<|im_end|>", ",\"chat_template\":\"{% for m in messages %}{{ m.content }}"
                + "{% if not loop.last %}{{ eos_token }}{% endif %}{% endfor %}\"");
        ModelDirectory directory = ModelDirectory.open(model);
        try (Tokenizer tokenizer = directory.tokenizer()) {
            SampleEncoder encoder = SampleEncoder.of(directory, tokenizer, List.of());
            EncodedSample encoded = encoder.encode(new Sample.Chat(new Conversation(List.of(Message.user("the fox"),
                    Message.assistant("the dog"))), List.of(0, 1))).sequences().getFirst();
            assertThat(tokenizer.decode(encoded.tokens(), false)).isEqualTo("the fox<|im_end|>the dog<|im_end|>");
            assertThat(encoded.weights()[encoded.length() - 1]).isEqualTo(1);
            assertThat(encoder.notes()).extracting(TemplateNote::text).singleElement().asString()
                    .contains("<|im_end|> only between turns");
        }
    }

    @Test
    void endTokenThatTheTokenizerLacksIsRefused() throws IOException {
        writeConfig("</eos>", "");
        assertThatThrownBy(this::fingerprint).isInstanceOf(ProblemException.class)
                .hasMessageContaining("names </eos> as eos_token, which tokenizer.json does not have");
    }

    private String fingerprint() {
        ModelDirectory directory = ModelDirectory.open(model);
        try (Tokenizer tokenizer = directory.tokenizer()) {
            return SampleEncoder.of(directory, tokenizer, List.of()).fingerprint();
        }
    }
}
