package dev.luthier.core.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class DataHomeTest {
    @Test
    void firstOfLuthierHomeXdgHomeAndTheUsersHomeIsTaken() {
        assertThat(DataHome.of(Map.of("LUTHIER_HOME", "/l", "XDG_DATA_HOME", "/x", "HOME", "/h")))
                .isEqualTo(Path.of("/l"));
        assertThat(DataHome.of(Map.of("XDG_DATA_HOME", "/x", "HOME", "/h"))).isEqualTo(Path.of("/x/luthier"));
        assertThat(DataHome.of(Map.of("HOME", "/h"))).isEqualTo(Path.of("/h/.local/share/luthier"));
        Path ofSystem = Path.of(System.getProperty("user.home"), ".local/share/luthier");
        assertThat(DataHome.of(Map.of())).isEqualTo(ofSystem);
        assertThat(DataHome.of(Map.of("HOME", "", "XDG_DATA_HOME", " ", "LUTHIER_HOME", ""))).isEqualTo(ofSystem);
    }
}
