package dev.luthier.server.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.server.config.DataDirectory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretBoxTest {
    private static final String FROM_ENVIRONMENT = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    @TempDir
    Path path;

    @Test
    void secretsOpenAgainAfterRestartButOnlyInTheirContext() throws IOException {
        byte[] sealed;
        try (DataDirectory directory = DataDirectory.open(path)) {
            sealed = new SecretBox(MasterKey.load(Map.of(), directory)).seal("wandb-key", "job 1");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.masterKeyFile())))
                    .isEqualTo("rw-------");
        }
        assertThat(new String(sealed, StandardCharsets.ISO_8859_1)).doesNotContain("wandb-key");
        try (DataDirectory directory = DataDirectory.open(path)) {
            SecretBox box = new SecretBox(MasterKey.load(Map.of(), directory));
            assertThat(box.open(sealed, "job 1")).isEqualTo("wandb-key");
            assertThatThrownBy(() -> box.open(sealed, "job 2")).hasMessageContaining("cannot be decrypted");
            SecretBox other = new SecretBox(MasterKey.load(Map.of("LUTHIER_MASTER_KEY", FROM_ENVIRONMENT), directory));
            assertThatThrownBy(() -> other.open(sealed, "job 1")).hasMessageContaining("Restore the master key");
        }
    }

    @Test
    void masterKeyOfTheEnvironmentIsNotWrittenToDisk() {
        try (DataDirectory directory = DataDirectory.open(path)) {
            MasterKey key = MasterKey.load(Map.of("LUTHIER_MASTER_KEY", FROM_ENVIRONMENT), directory);
            assertThat(key.derive("a")).hasSize(32).isNotEqualTo(key.derive("b"));
            assertThat(directory.masterKeyFile()).doesNotExist();
        }
    }

    @Test
    void shortMasterKeyIsRefused() {
        try (DataDirectory directory = DataDirectory.open(path)) {
            assertThatThrownBy(() -> MasterKey.load(Map.of("LUTHIER_MASTER_KEY", "c2hvcnQ="), directory))
                    .hasMessageContaining("32 random bytes in Base64");
        }
    }
}
