package dev.luthier.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.server.TestServer;
import dev.luthier.server.TestServer.Answer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bodies larger than the Java heap, made while they are sent. */
class HugeBodyTest {
    private static final long GIGABYTE = 1_000_000_000L;

    @TempDir
    Path directory;

    /** So many letters in one line. */
    private static final class Letters extends InputStream {
        private long left;

        Letters(long count) {
            this.left = count;
        }

        @Override
        public int read() {
            return left-- > 0 ? 'a' : -1;
        }

        @Override
        public int read(byte[] into, int offset, int length) {
            if (left <= 0) {
                return -1;
            }
            int count = (int) Math.min(left, length);
            Arrays.fill(into, offset, offset + count, (byte) 'a');
            left -= count;
            return count;
        }
    }

    private static InputStream parts(String before, long letters, String after) {
        return new SequenceInputStream(
                Collections.enumeration(List.of(new ByteArrayInputStream(before.getBytes(StandardCharsets.UTF_8)),
                        new Letters(letters), new ByteArrayInputStream(after.getBytes(StandardCharsets.UTF_8)))));
    }

    @Test
    void lineOfOneGigabyteIsRefusedInBoundedMemory() throws IOException {
        try (TestServer server = TestServer.start(directory, "--files.max-bytes", "2GB")) {
            String before = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.jsonl\"\r\n\r\n{\"text\":\"";
            Answer answer = server.send("POST", "/v1/files",
                    BodyPublishers.ofInputStream(() -> parts(before, GIGABYTE, "\"}\r\n--x--\r\n")), "Content-Type",
                    "multipart/form-data; boundary=x");
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.json().get("message").stringValue()).contains("line 1");
            try (Stream<Path> files = Files.list(directory.resolve("files"))) {
                assertThat(files).isEmpty();
            }
        }
    }

    @Test
    void endlessJsonIsRefusedAtTheLimit() {
        try (TestServer server = TestServer.start(directory)) {
            Answer answer = server.send("POST", "/luthier/v1/keys",
                    BodyPublishers.ofInputStream(() -> parts("{\"name\":\"", 40L << 20, "\"}")), "Content-Type",
                    "application/json");
            assertThat(answer.status()).isEqualTo(413);
        }
    }
}
