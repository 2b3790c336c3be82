package dev.luthier.core.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** A large file is checked in a process of its own, with the same report. */
final class FormatCheckTest {
    private static byte[] file(int longLine) {
        return ("{\"text\":\"one\"}\nno json\n{\"text\":\"" + "two ".repeat(longLine / 4) + "\"}\n\n{\"texd\":\"\"}\n")
                .getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void theReportDoesNotDependOnTheSize() {
        for (int longLine : new int[]{400, 3_000_000, 17_000_000}) {
            byte[] file = file(longLine);
            assertThat(FormatCheck.of(new ByteArrayInputStream(file))).as(longLine + " bytes")
                    .isEqualTo(DataValidator.checkFormat(new ByteArrayInputStream(file)));
        }
    }

    @Test
    void aFaultOfTheStreamIsNotOneOfTheProcess() {
        InputStream broken = new FilterInputStream(InputStream.nullInputStream()) {
            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                throw new IOException("the disk is gone");
            }
        };
        InputStream content = new SequenceInputStream(new ByteArrayInputStream(file(2_000_000)), broken);
        assertThatThrownBy(() -> FormatCheck.of(content)).isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("the disk is gone");
    }
}
