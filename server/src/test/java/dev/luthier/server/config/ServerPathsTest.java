package dev.luthier.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the paths are those of POSIX")
class ServerPathsTest {
    @TempDir
    Path directory;

    private String path = "";

    @BeforeEach
    void absolute() {
        path = directory.toAbsolutePath().toString();
    }

    @Test
    void pathsAreHiddenWhereverTheyStandInAText() {
        for (String text : new String[]{"%s/models/x/config.json is missing.", "Cannot run program \"%s/x\": error=2",
                "it is at (%s/x), and", "cannot read '%s/x'", "file:%s/x", "'%s/x'; %s/y", "%s", "a\n%s/b\n",
                "\tat %s/b:12", "path=%s/z", "%s/"}) {
            String said = text.replace("%s", path);
            assertThat(ServerPaths.hide(said)).as(said).doesNotContain(path)
                    .doesNotContain(directory.getParent() + "/");
            assertThat(ServerPaths.mask(said)).as(said).hasSameSizeAs(said).doesNotContain(path);
        }
        assertThat(ServerPaths.hide(path + "/models/x/config.json is missing.")).isEqualTo("…/config.json is missing.");
    }

    @Test
    void directoriesWithSpacesAreHiddenOnceTheyAreRemembered() {
        Path spaced = directory.resolve("my (own) data, really");
        ServerPaths.remember(spaced);
        assertThat(ServerPaths.hide("Cannot read " + spaced + "/files/x.jsonl: it is gone."))
                .isEqualTo("Cannot read …/x.jsonl: it is gone.");
        String log = "reading " + spaced + "/runs/y";
        assertThat(ServerPaths.mask(log)).hasSameSizeAs(log).endsWith("*y").doesNotContain("own");
    }

    @Test
    void whatIsNoPathStays() {
        for (String text : new String[]{"GET /v1/models lists them", "line 2, /messages/1/role: is unknown",
                "file[42]/messages/0", "https://host/home/x", "3/4 of a/b", "/ and //", "ft:tiny/x",
                "under models/."}) {
            assertThat(ServerPaths.hide(text)).isEqualTo(text);
            assertThat(ServerPaths.mask(text)).isEqualTo(text);
        }
    }
}
