package dev.luthier.server.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.luthier.core.json.Json;
import dev.luthier.server.TestServer;
import dev.luthier.server.TestServer.Answer;
import dev.luthier.server.chat.ByteModel;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A model's files may be pipes, devices or holes of any size: adding it says so, and does not wait for them. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "there are no named pipes among its files")
class SpecialFilesTest {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String ROUTE = "/luthier/v1/models";

    @TempDir
    private Path folder;

    private interface Replacement {
        void make(Path file) throws IOException, InterruptedException;
    }

    private static void pipe(Path file) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("mkfifo", file.toString()).start().waitFor()).isZero();
    }

    private static void hole(Path file) throws IOException {
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(3L << 30);
        }
    }

    private void assertRefused(TestServer server, Replacement replacement, String file, String why)
            throws IOException, InterruptedException {
        Path model = ByteModel.write(Files.createTempDirectory(folder, "model"), "");
        Files.deleteIfExists(model.resolve(file));
        replacement.make(model.resolve(file));
        Answer answer = assertTimeoutPreemptively(SOON,
                () -> server.post(ROUTE, Json.write(Map.of("path", model.toString()))), file);
        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        assertThat(answer.text()).contains(file).contains(why);
    }

    @Test
    void addingAModelOpensRegularFilesOnly() throws Exception {
        try (TestServer server = TestServer.start(folder.resolve("data"))) {
            for (String file : new String[]{"config.json", "tokenizer_config.json", "generation_config.json",
                    "chat_template.jinja", "model.safetensors"}) {
                assertRefused(server, SpecialFilesTest::pipe, file, "not a regular file");
            }
            assertRefused(server, path -> Files.createSymbolicLink(path, Path.of("/dev/zero")), "config.json",
                    "not a regular file");
            assertRefused(server, Files::createDirectory, "generation_config.json", "it is a folder");
            assertRefused(server, SpecialFilesTest::hole, "config.json", "larger than");
            assertThat(server.get("/v1/models").status()).isEqualTo(200);
        }
    }
}
