package dev.luthier.server.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TarGzipTest {
    @TempDir
    Path folder;

    private Path weights() throws IOException {
        byte[] bytes = new byte[300_000];
        new Random(1).nextBytes(bytes);
        return Files.write(folder.resolve("adapter_model.safetensors"), bytes);
    }

    @Test
    void fileThatIsShortenedWhileItIsPackedGivesNoWholeArchive() throws IOException {
        Path weights = weights();
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        OutputStream shortening = new FilterOutputStream(written) {
            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                if (written.size() > 1_000) {
                    Files.write(weights, new byte[]{1, 2, 3});
                }
                written.write(bytes, offset, length);
            }
        };
        assertThatThrownBy(() -> TarGzip.write(folder, shortening)).isInstanceOf(IOException.class)
                .hasMessageContaining("was changed while it was packed");
        assertThatThrownBy(() -> new GZIPInputStream(new ByteArrayInputStream(written.toByteArray())).readAllBytes())
                .isInstanceOf(EOFException.class);
    }

    @Test
    void sameFilesGiveTheSameBytes() throws IOException {
        weights();
        ByteArrayOutputStream first = new ByteArrayOutputStream();
        ByteArrayOutputStream second = new ByteArrayOutputStream();
        TarGzip.write(folder, first);
        TarGzip.write(folder, second);
        assertThat(second.toByteArray()).isEqualTo(first.toByteArray());
    }
}
