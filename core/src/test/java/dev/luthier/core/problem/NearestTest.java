package dev.luthier.core.problem;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class NearestTest {
    private static final List<String> ROLES = List.of("system", "user", "assistant", "tool");

    @Test
    void misspelledNamesFindTheirNearest() {
        assertThat(Nearest.of("assistnat", ROLES)).contains("assistant");
        assertThat(Nearest.of("Asistant", ROLES)).contains("assistant");
        assertThat(Nearest.of("uesr", ROLES)).contains("user");
        assertThat(Nearest.of("tools", ROLES)).contains("tool");
        assertThat(Nearest.hint("sytem", ROLES)).isEqualTo(" Did you mean system?");
    }

    @Test
    void farNamesFindNothing() {
        assertThat(Nearest.of("moderator", ROLES)).isEmpty();
        assertThat(Nearest.of("", ROLES)).isEmpty();
        assertThat(Nearest.hint("x".repeat(1_000_000), ROLES)).isEmpty();
    }
}
