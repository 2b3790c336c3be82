package dev.luthier.server.api.luthier;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MaskedLogTest {
    @TempDir
    Path directory;

    private String read(Path log, long offset, boolean toEnd) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        MaskedLog.copy(log, offset, toEnd, out);
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void readerWhoFollowsALogFromAnyOffsetSeesEveryByteOnceAndNoPath() throws IOException {
        String line = "schön: reading " + directory + "/models/x\n";
        Path log = Files.writeString(directory.resolve("log"), line.repeat(3000) + "end " + directory + "/y");
        String whole = read(log, 0, true);
        assertThat(whole).doesNotContain(directory.toString()).startsWith("schön: reading *").endsWith("*y");
        assertThat(whole.getBytes(StandardCharsets.UTF_8)).hasSize((int) Files.size(log));
        byte[] bytes = whole.getBytes(StandardCharsets.UTF_8);
        for (int offset : new int[]{1, 20, 40, 65_536, 65_537, 100_000, bytes.length - 2, bytes.length,
                bytes.length + 9}) {
            int from = Math.min(offset, bytes.length);
            assertThat(read(log, offset, true)).as("from %d", offset)
                    .isEqualTo(new String(bytes, from, bytes.length - from, StandardCharsets.UTF_8));
        }
        assertThat(read(log, 0, false)).isEqualTo(whole.substring(0, whole.lastIndexOf('\n') + 1));
    }
}
