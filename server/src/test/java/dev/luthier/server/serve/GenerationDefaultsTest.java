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
        assertThat(of("{\"do_sample\": true, \"temperature\": 0.6, \"top_p\": 0.9, \"top_k\": 20}"))
                .isEqualTo(new GenerationDefaults(0.6, 0.9, 20));
    }

    @Test
    void whatIsAbsentOrOutOfRangeRecommendsNothing() throws IOException {
        GenerationDefaults nothing = new GenerationDefaults(null, 1, 0);
        assertThat(GenerationDefaults.of(model)).isEqualTo(nothing);
        assertThat(of("{}")).isEqualTo(nothing);
        assertThat(of("{\"temperature\": -1, \"top_p\": 0, \"top_k\": -5}")).isEqualTo(nothing);
        assertThat(of("{\"temperature\": null}")).isEqualTo(nothing);
        assertThat(of("not json")).isEqualTo(nothing);
    }
}
