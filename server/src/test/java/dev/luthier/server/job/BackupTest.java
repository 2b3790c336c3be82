package dev.luthier.server.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.digest.Sha256;
import dev.luthier.core.job.JobState;
import dev.luthier.server.TestServer;
import dev.luthier.server.backup.BackupMain;
import dev.luthier.server.model.AdapterShelf;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** A backup of a server at work becomes a server that goes on with the same work. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class BackupTest {
    private Path temp = Path.of("");
    private JobsRig rig;
    private String done = "";
    private String running = "";
    private String queued = "";
    private String model = "";
    private String upload = "";
    private int number;

    @BeforeAll
    void start(@TempDir Path directory) {
        temp = directory;
        rig = new JobsRig(directory.resolve("data"));
        done = rig.started();
        rig.await(done, JobState.SUCCEEDED);
        model = rig.job(done).path("fine_tuned_model").stringValue();
        rig.trainers("hold-at 12");
        running = rig.started();
        rig.awaitStep(running, 11);
        queued = rig.started();
        rig.await(queued, JobState.WAITING);
        upload = rig.server.post("/openai/v1/uploads",
                "{\"filename\":\"a.jsonl\",\"purpose\":\"fine-tune\",\"bytes\":26,\"mime_type\":\"application/jsonl\"}")
                .json().path("id").stringValue();
        rig.server.send("POST", "/openai/v1/uploads/" + upload + "/parts", BodyPublishers.ofString(
                "--b\r\nContent-Disposition: form-data; name=\"data\"; filename=\"a\"\r\n\r\n{\"text\":\"abc\"}\r\n--b--\r\n"),
                "Content-Type", "multipart/form-data; boundary=b");
    }

    @AfterAll
    void stop() {
        rig.trainers("succeed");
        rig.close();
    }

    private record Said(int status, String out, String errors) {}

    private static Said run(Path data, String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--data-dir", data.toString()));
        int status = BackupMain.run(all, Map.of(), new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(errors, true, StandardCharsets.UTF_8));
        return new Said(status, out.toString(StandardCharsets.UTF_8), errors.toString(StandardCharsets.UTF_8));
    }

    private Path place(String name) {
        return temp.resolve(name + number++);
    }

    private Path backup(String... more) {
        Path backup = place("backup");
        List<String> arguments = new ArrayList<>(List.of("backup", backup.toString()));
        arguments.addAll(List.of(more));
        Said said = run(rig.data, arguments.toArray(String[]::new));
        assertThat(said.status()).as(said.errors()).isZero();
        return backup;
    }

    private void assertRefused(Path backup, Path data, String... words) {
        Said said = run(data, "restore", backup.toString());
        assertThat(said.status()).isEqualTo(1);
        assertThat(said.errors()).contains(words).hasLineCount(1);
    }

    @Test
    void restoredServerGoesOnWhileTheOldOneStillRuns() throws IOException {
        Path data = place("restored");
        Said said = run(data, "restore", backup().toString());
        assertThat(said.status()).as(said.errors()).isZero();
        try (TestServer restored = TestServer.restart(data, rig.server.key(), "--engine.command",
                rig.data.resolve("engine.sh").toString(), "--runs.interval-millis", "50", "--runs.retry-millis", "10",
                "--runs.threads", "1")) {
            assertThat(restored.get("/luthier/v1/jobs/" + done).json().path("state").stringValue())
                    .isEqualTo("SUCCEEDED");
            assertThat(restored.get("/luthier/v1/models/" + model + "/adapter").status()).isEqualTo(200);
            assertThat(restored.get("/openai/v1/files").json().path("data").size())
                    .isEqualTo(rig.server.get("/openai/v1/files").json().path("data").size());
            try (Stream<Path> parts = Files.list(data.resolve("uploads"))) {
                assertThat(parts).hasSize(1);
            }
            for (String job : List.of(running, queued)) {
                awaitSuccess(restored, job);
                assertThat(adapter(data, job)).hasSameBinaryContentAs(adapter(rig.data, done));
            }
            assertThat(Files.readString(data.resolve("runs").resolve(running).resolve("progress.jsonl")))
                    .contains("\"resumedFromStep\":11");
        }
        assertThat(rig.state(running).path("state").stringValue()).as("the old server's run goes on")
                .isEqualTo("RUNNING");
    }

    private static void awaitSuccess(TestServer server, String job) {
        long deadline = System.currentTimeMillis() + 60_000;
        String state = "";
        while (!state.equals("SUCCEEDED")) {
            state = server.get("/luthier/v1/jobs/" + job).json().path("state").stringValue();
            assertThat(state).isNotIn("FAILED", "INVALID", "CANCELLED");
            assertThat(System.currentTimeMillis()).as(state).isLessThan(deadline);
            JobsRig.pause();
        }
    }

    private static Path adapter(Path data, String job) {
        return data.resolve("adapters").resolve(AdapterShelf.modelOf(UUID.fromString(job)).toString())
                .resolve("adapter_model.safetensors");
    }

    @Test
    void backupOfAServerThatIsStoppedIsTheSame() throws IOException {
        Path stopped = place("stopped");
        assertThat(run(stopped, "restore", backup().toString()).status()).isZero();
        Path backup = place("backup");
        assertThat(run(stopped, "backup", backup.toString()).status()).isZero();
        assertThat(run(place("restored"), "restore", backup.toString()).status()).isZero();
        assertThat(stopped.resolve("files")).isNotEmptyDirectory();
        assertThat(Files.readString(backup.resolve("manifest.json"))).contains("admin.key", "master.key",
                "models/tiny/config.json", "runs/" + running + "/run.json").doesNotContain("server.json", "/lock");
    }

    @Test
    void oneWrongByteAnywhereKeepsABackupFromBeingRestored() throws IOException {
        Path backup = backup();
        List<Path> files;
        try (Stream<Path> all = Files.walk(backup)) {
            files = all.filter(Files::isRegularFile).filter(file -> file.toFile().length() > 0).toList();
        }
        assertThat(files).hasSizeGreaterThan(15);
        for (Path file : files) {
            byte[] content = Files.readAllBytes(file);
            byte[] wrong = content.clone();
            wrong[content.length / 2] ^= 1;
            Files.write(file, wrong);
            Path data = place("restored");
            assertRefused(backup, data, "backup is damaged");
            assertThat(data).doesNotExist();
            Files.write(file, content);
        }
        Files.delete(backup.resolve("db/luthier.db"));
        assertRefused(backup, place("restored"), "db/luthier.db is missing");
    }

    @Test
    void backupWithoutManifestIsNotWhole() throws IOException {
        Path backup = backup();
        Files.delete(backup.resolve("manifest.json"));
        assertRefused(backup, place("restored"), "not a whole backup");
    }

    @Test
    void manifestThatLeadsOutOfTheDataDirectoryIsRefused() throws IOException {
        Path backup = backup();
        Path manifest = backup.resolve("manifest.json");
        String text = Files.readString(manifest).replace("\"luthier.yaml\"", "\"x\"").replaceFirst("\"admin.key\"",
                "\"../outside\"");
        Files.writeString(manifest, text);
        Files.writeString(backup.resolve("manifest.sha256"),
                Sha256.hex(text) + "  manifest.json\n");
        assertRefused(backup, place("restored"), "../outside");
    }

    @Test
    void directoryInUseOrNotEmptyIsNotRestoredInto() throws IOException {
        Path backup = backup();
        assertRefused(backup, rig.data, "A server is running");
        Path full = Files.createDirectories(place("full"));
        Files.writeString(full.resolve("letter.txt"), "Dear all");
        assertRefused(backup, full, "not an empty directory");
        assertThat(full.resolve("letter.txt")).exists();
    }

    @Test
    void backupIsNotMadeWhereItWouldHarm() throws IOException {
        Said inside = run(rig.data, "backup", rig.data.resolve("backup").toString());
        assertThat(inside.status()).isEqualTo(1);
        assertThat(inside.errors()).contains("lies in the data directory");
        Path full = Files.createDirectories(place("full"));
        Files.writeString(full.resolve("letter.txt"), "Dear all");
        assertThat(run(rig.data, "backup", full.toString()).errors()).contains("not an empty directory");
        assertThat(run(place("nothing"), "backup", place("backup").toString()).errors()).contains("has no database");
    }

    @Test
    void badUsageIsOneLineAndItsUsage() {
        assertThat(run(rig.data, "backup").status()).isEqualTo(2);
        assertThat(run(rig.data, "restore", "a", "b").errors()).contains("\"b\" is not understood", "usage: luthier");
        assertThat(run(rig.data, "restore", "--help").out()).contains("usage: luthier restore DIR");
    }

    @Test
    void keysMayStayAtHome() throws IOException {
        Path backup = backup("--without-keys");
        assertThat(backup.resolve("master.key")).doesNotExist();
        Said said = run(place("restored"), "restore", backup.toString());
        assertThat(said.status()).isZero();
        assertThat(said.out()).contains("without the master key");
    }

    @Test
    void bytesThatAreDamagedOrMissingAreToldAndTheRestIsBackedUp() throws IOException {
        Path copy = place("copy");
        assertThat(run(copy, "restore", backup().toString()).status()).isZero();
        List<Path> files;
        try (Stream<Path> all = Files.list(copy.resolve("files"))) {
            files = all.sorted().toList();
        }
        Files.writeString(files.get(0), "x", StandardOpenOption.APPEND);
        Files.move(files.get(1), temp.resolve("away"), StandardCopyOption.REPLACE_EXISTING);
        Path backup = place("backup");
        Said said = run(copy, "backup", backup.toString());
        assertThat(said.status()).isEqualTo(1);
        assertThat(said.errors()).contains(files.get(0).getFileName() + " is damaged",
                files.get(1).getFileName() + " is missing");
        assertThat(run(place("restored"), "restore", backup.toString()).status()).isZero();
    }
}
