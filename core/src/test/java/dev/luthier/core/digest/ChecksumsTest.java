package dev.luthier.core.digest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ChecksumsTest {
    @TempDir
    private Path folder;

    @BeforeEach
    void writeFiles() throws IOException {
        Files.writeString(folder.resolve("a.json"), "{}");
        Files.writeString(folder.resolve("b.bin"), "bytes");
        Checksums.write(folder, Map.of("b.bin", Sha256.hex("bytes"), "a.json", Sha256.hex("{}")));
    }

    @Test
    void filesAsTheyWereWrittenAreSound() throws IOException {
        assertThat(Checksums.damage(folder)).isEmpty();
        assertThat(Files.readString(folder.resolve(Checksums.FILE)))
                .isEqualTo(Sha256.hex("{}") + "  a.json\n" + Sha256.hex("bytes") + "  b.bin\n");
        Files.writeString(folder.resolve("other"), "whatever");
        assertThat(Checksums.damage(folder)).isEmpty();
    }

    @Test
    void changedMissingAndUnreadableFilesAreNamed() throws IOException {
        Files.writeString(folder.resolve("b.bin"), "bites");
        assertThat(Checksums.damage(folder)).hasValueSatisfying(why -> assertThat(why).startsWith("b.bin has the SHA"));
        Files.delete(folder.resolve("b.bin"));
        assertThat(Checksums.damage(folder)).contains("b.bin is missing");
        Files.createDirectory(folder.resolve("b.bin"));
        assertThat(Checksums.damage(folder))
                .hasValueSatisfying(why -> assertThat(why).contains("b.bin cannot be read"));
    }

    @Test
    void damagedListIsNoExcuse() throws IOException {
        Files.writeString(folder.resolve(Checksums.FILE), "");
        assertThat(Checksums.damage(folder)).contains("SHA256SUMS is empty");
        Files.writeString(folder.resolve(Checksums.FILE), "0123  b.bin\n");
        assertThat(Checksums.damage(folder)).contains("SHA256SUMS is not a list of checksums");
    }

    @Test
    void directoryWithoutChecksumsIsLeftToItsReader() throws IOException {
        Files.delete(folder.resolve(Checksums.FILE));
        assertThat(Checksums.areIn(folder)).isFalse();
        assertThat(Checksums.damage(folder)).isEmpty();
    }
}
