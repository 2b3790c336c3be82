package dev.luthier.server.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.digest.Sha256;
import dev.luthier.core.job.JobState;
import dev.luthier.core.json.Json;
import dev.luthier.core.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Opens data directories as earlier commits have left them; {@code earlier/make.py} made them. A change of what is stored
 * that has no default fails here.
 */
final class EarlierDataTest {
    private static final Path EARLIER = Path.of("src/test/resources/earlier");

    @TempDir
    private Path folder;
    private Path data = Path.of("");

    static List<Path> commits() throws IOException {
        try (Stream<Path> all = Files.list(EARLIER)) {
            return all.filter(Files::isDirectory).sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("commits")
    void jobsOfAnEarlierCommitGoOn(Path commit) throws IOException, SQLException {
        data = folder.resolve("data");
        copy(commit);
        String[] made = Files.readString(commit.resolve("made-by")).strip().split("\\s+", -1);
        Map<String, String> jobs = Map.of("succeeded", made[4], "paused", made[6], "requeued", made[8], "queued",
                made[10]);
        String model = keepAdapterOf(jobs.get("succeeded"));
        try (JobsRig rig = new JobsRig(data)) {
            assertThat(rig.await(jobs.get("succeeded"), JobState.SUCCEEDED).path("trained_tokens").asInt())
                    .isPositive();
            rig.await(jobs.get("requeued"), JobState.SUCCEEDED);
            rig.await(jobs.get("queued"), JobState.SUCCEEDED);
            if (!jobs.get("paused").equals("-")) {
                assertThat(rig.state(jobs.get("paused")).path("state").stringValue()).isEqualTo("PAUSED");
                assertThat(rig.server.post("/openai/v1/fine_tuning/jobs/" + jobs.get("paused") + "/resume", "").status())
                        .isEqualTo(200);
                rig.await(jobs.get("paused"), JobState.SUCCEEDED);
            }
            assertThat(rig.server.get("/mistral/v1/fine_tuning/jobs").json().path("data")).hasSizeGreaterThan(2);
            assertThat(rig.server.get("/luthier/v1/models/" + model + "/adapter").status()).isEqualTo(200);
            String further = Json.write(Map.of("model", model, "training_files", List.of(file(commit)), "auto_start",
                    true, "hyperparameters", Map.of("training_steps", 3)));
            rig.await(rig.create(further).path("id").stringValue(), JobState.SUCCEEDED);
        }
    }

    private static String file(Path commit) throws IOException {
        try (Stream<Path> files = Files.list(commit.resolve("files"))) {
            return files.findFirst().orElseThrow().getFileName().toString();
        }
    }

    private void copy(Path commit) throws IOException, SQLException {
        TinyModel.write(data.resolve("models/luthier-tiny"));
        try (Stream<Path> files = Files.walk(commit)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path target = data.resolve(commit.relativize(file).toString());
                Files.createDirectories(target.resolveSibling(""));
                Files.writeString(target, located(file));
            }
        }
        try (Connection database = open(); Statement statement = database.createStatement()) {
            statement.executeUpdate(located(commit.resolve("dump.sql")));
        }
    }

    private String located(Path file) throws IOException {
        return Files.readString(file).replace("@DATA@", data.toString())
                .replace("@MODELS@", data.resolve("models").toString());
    }

    private Connection open() throws IOException, SQLException {
        Files.createDirectories(data.resolve("db"));
        return DriverManager.getConnection("jdbc:sqlite:" + data.resolve("db/luthier.db"));
    }

    /** Puts a small adapter in the place of the trained one, as that was kept: without checksums beside it. */
    private String keepAdapterOf(String job) throws IOException, SQLException {
        try (Connection database = open(); Statement statement = database.createStatement()) {
            var row = statement.executeQuery("select id, mistral_name from fine_tuned_models where job_id = '" + job
                    + "' order by mistral_name limit 1");
            assertThat(row.next()).isTrue();
            String id = row.getString(1);
            String name = row.getString(2);
            Path adapter = Files.createDirectories(data.resolve("adapters/" + id));
            Files.writeString(adapter.resolve("adapter_config.json"),
                    "{\"peft_type\":\"LORA\",\"r\":3,\"lora_alpha\":6,\"target_modules\":[\"q_proj\"]}");
            String layer = "base_model.model.model.layers.0.self_attn.q_proj.lora_";
            Path weights = adapter.resolve("adapter_model.safetensors");
            new SafetensorsWriter().add(layer + "A.weight", List.of(3L, 12L), new float[36])
                    .add(layer + "B.weight", List.of(12L, 3L), new float[36]).write(weights);
            statement.executeUpdate("update fine_tuned_models set adapter_sha256 = '" + Sha256.hex(weights)
                    + "' where id = '" + id + "'");
            return name;
        }
    }
}
