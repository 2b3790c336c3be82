package dev.luthier.core.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

final class LineReaderTest {

    @Test
    void linesEndAtLineFeedsWithOrWithoutCarriageReturn() throws IOException {
        assertThat(lines("a\nb\r\n\r\nc", 10)).containsExactly("a", "b", "", "c");
        assertThat(lines("a\n", 10)).containsExactly("a");
        assertThat(lines("\n\n", 10)).containsExactly("", "");
        assertThat(lines("", 10)).isEmpty();
        assertThat(lines("a\rb\r", 10)).containsExactly("a\rb\r");
    }

    @Test
    void byteOrderMarkCountsOnlyAtTheStart() throws IOException {
        assertThat(lines("\uFEFFa\n\uFEFFb", 10)).containsExactly("a", "\uFEFFb");
        assertThat(lines("\uFEFF", 10)).isEmpty();
        assertThat(lines("\uFEFF12345", 5)).containsExactly("12345");
    }

    @Test
    void limitHoldsForTheLineWithoutItsEnd() throws IOException {
        assertThat(lines("12345\n12345\r\n123456\n1\r\n", 5)).containsExactly("12345", "12345", "12345… of 6", "1");
    }

    @Test
    void gigabyteLineIsCutInBoundedMemory() throws IOException {
        long size = 1L << 30;
        LineReader reader = new LineReader(new Repeated(size), 1 << 20);
        LineReader.Line line = reader.next().orElseThrow();
        assertThat(line.isTooLong()).isTrue();
        assertThat(line.bytes()).hasSize(1 << 20);
        assertThat(line.sizeBytes()).isEqualTo(size);
        assertThat(reader.next()).isEmpty();
        assertThat(reader.bytesRead()).isEqualTo(size);
    }

    @Test
    void anyTextComesBackLineByLine() throws IOException {
        for (long seed = 0; seed < 30; seed++) {
            RandomGenerator random = Seeded.generator(seed);
            List<String> expected = new ArrayList<>();
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < 50; i++) {
                String line = "x".repeat(random.nextInt(20_000)) + i;
                expected.add(line);
                text.append(line).append(random.nextBoolean() ? "\n" : "\r\n");
            }
            assertThat(lines(text.toString(), 100_000)).as("seed %d", seed).isEqualTo(expected);
        }
    }

    private static List<String> lines(String text, int limit) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        LineReader reader = new LineReader(new ByteArrayInputStream(bytes), limit);
        List<String> lines = new ArrayList<>();
        Optional<LineReader.Line> line = reader.next();
        while (line.isPresent()) {
            assertThat(line.get().number()).isEqualTo(lines.size() + 1);
            lines.add(new String(line.get().bytes(), StandardCharsets.UTF_8)
                    + (line.get().isTooLong() ? "… of " + line.get().sizeBytes() : ""));
            line = reader.next();
        }
        assertThat(reader.lines()).isEqualTo(lines.size());
        assertThat(reader.bytesRead()).isEqualTo(bytes.length);
        return lines;
    }

    /** That many bytes of the letter a, made as they are read. */
    private static final class Repeated extends InputStream {
        private long left;

        Repeated(long size) {
            left = size;
        }

        @Override
        public int read() {
            return left-- > 0 ? 'a' : -1;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) {
            if (left <= 0) {
                return -1;
            }
            int count = (int) Math.min(length, left);
            Arrays.fill(buffer, offset, offset + count, (byte) 'a');
            left -= count;
            return count;
        }
    }
}
