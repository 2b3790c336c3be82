package dev.luthier.server.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GenerationDefaultsTest {
    @TempDir
    Path model;

    private GenerationDefaults of(String json) throws IOException {
        Files.writeString(model.resolve("generation_config.json"), json);
        return GenerationDefaults.of(model);
    }

    @Test
    void whatTheModelRecommendsIsTheDefault() throws IOException {
        assertThat(of(
                "{\"do_sample\": true, \"temperature\": 0.6, \"top_p\": 0.9, \"top_k\": 20, \"repetition_penalty\": 1.1}"))
                .isEqualTo(new GenerationDefaults(0.6, 0.9, 20, 1.1));
    }

    @Test
    void whatIsAbsentOrOutOfRangeRecommendsNothing() throws IOException {
        GenerationDefaults nothing = new GenerationDefaults(null, 1, 0, 1);
        assertThat(GenerationDefaults.of(model)).isEqualTo(nothing);
        assertThat(of("{}")).isEqualTo(nothing);
        assertThat(of("{\"temperature\": -1, \"top_p\": 0, \"top_k\": -5}")).isEqualTo(nothing);
        assertThat(of("{\"temperature\": null}")).isEqualTo(nothing);
        assertThat(of("not json")).isEqualTo(nothing);
        assertThat(of("{\"repetition_penalty\": 0}")).isEqualTo(nothing);
    }

    @Test
    void modelThatDoesNotSampleIsGreedy() throws IOException {
        assertThat(of("{\"do_sample\": false, \"temperature\": 0.6}").temperature()).isZero();
    }

    @Test
    void whatIsNotHonouredIsNamed() throws IOException {
        of("""
                {"no_repeat_ngram_size": 3, "typical_p": 0.9, "num_beams": 1, "min_p": 0.0, "bad_words_ids": [[1]],
                 "suppress_tokens": [], "forced_bos_token_id": null, "repetition_penalty": 1.2, "max_length": 20}""");
        assertThat(GenerationDefaults.neglected(model)).containsExactly("bad_words_ids", "no_repeat_ngram_size",
                "typical_p");
    }
}
