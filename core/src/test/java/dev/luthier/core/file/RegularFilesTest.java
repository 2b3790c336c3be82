package dev.luthier.core.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.luthier.core.data.DataValidator;
import dev.luthier.core.digest.Sha256;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.safetensors.SafetensorsFile;
import dev.luthier.core.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** What is opened by a name that a user gave is a regular file. */
final class RegularFilesTest {
    @TempDir
    private Path folder;

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "there are no named pipes among its files")
    void aPipeIsNotWaitedFor() throws Exception {
        Path pipe = folder.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
        List<Executable> openers = List.of(() -> RegularFiles.open(pipe), () -> RegularFiles.channel(pipe),
                () -> RegularFiles.read(pipe, 10), () -> Sha256.hex(pipe), () -> Tokenizer.load(pipe),
                () -> SafetensorsFile.open(pipe), () -> DataValidator.checkFormat(pipe));
        for (Executable opener : openers) {
            assertTimeoutPreemptively(Duration.ofSeconds(20),
                    () -> assertThatThrownBy(opener::execute).hasMessageContaining("not a regular file"));
        }
    }

    @Test
    void aFileIsReadUpToItsLimit() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "ten bytes!");
        assertThat(RegularFiles.readText(file, 10)).isEqualTo("ten bytes!");
        assertThatThrownBy(() -> RegularFiles.readText(file, 9)).hasMessageContaining("larger than 9 bytes");
        Files.write(file, new byte[]{'a', (byte) 0xFF});
        assertThatThrownBy(() -> RegularFiles.readText(file, 10)).hasMessage("it is not UTF-8");
    }

    @Test
    void aFaultNamesTheFileAndNoClass() {
        Path missing = folder.resolve("missing.json");
        assertThatThrownBy(() -> Tokenizer.load(missing)).isInstanceOf(ProblemException.class)
                .hasMessage(missing + " cannot be read: there is no such file.");
    }
}
