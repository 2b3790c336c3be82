package dev.luthier.server.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.luthier.core.digest.Sha256;
import dev.luthier.core.job.JobState;
import dev.luthier.core.run.Outcome;
import dev.luthier.core.run.RunSpec;
import dev.luthier.core.safetensors.SafetensorsWriter;
import dev.luthier.server.model.AdapterFiles;
import dev.luthier.server.model.FineTunedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.UUID;
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
        UUID succeeded = UUID.fromString(made[4]);
        UUID model = keepAdapterOf(succeeded);
        try (Rig rig = new Rig(data)) {
            Job ended = rig.jobs.find(succeeded).orElseThrow();
            assertThat(ended.state()).isEqualTo(JobState.SUCCEEDED);
            assertThat(ended.trainedTokens()).isPositive();
            assertThat(rig.run(ended).readOutcome()).containsInstanceOf(Outcome.Trained.class);
            FineTunedModel kept = rig.models.find(model).orElseThrow();
            assertThatCode(() -> AdapterFiles.requireSound(kept.id(), kept.adapter(), kept.adapterSha256()))
                    .doesNotThrowAnyException();
            goesOn(rig, UUID.fromString(made[8]));
            goesOn(rig, UUID.fromString(made[10]));
            if (!made[6].equals("-")) {
                Job paused = rig.jobs.find(UUID.fromString(made[6])).orElseThrow();
                assertThat(paused.state()).isEqualTo(JobState.PAUSED);
                assertThat(rig.jobs.move(JobTransition.of(paused, JobState.WAITING, "Job resumed"))).isTrue();
                goesOn(rig, paused.id());
            }
        }
    }

    /** The job is started with its run.json, old or new, and ends. */
    private static void goesOn(Rig rig, UUID id) {
        Job job = rig.until(rig.jobs.find(id).orElseThrow(), JobState.STARTING);
        RunSpec spec = rig.run(job).readSpec();
        assertThat(spec.optimizer().learningRate()).isEqualTo(0.002);
        assertThat(spec.lora()).isEqualTo(RunSpec.Lora.plain(16, 32, RunSpec.Lora.LINEAR_LAYERS));
        rig.ends(job, rig.adapter(job));
        rig.until(job, JobState.SUCCEEDED);
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
    private UUID keepAdapterOf(UUID job) throws IOException, SQLException {
        try (Connection database = open(); Statement statement = database.createStatement()) {
            var row = statement.executeQuery("select id from fine_tuned_models where job_id = '" + job + "'");
            assertThat(row.next()).isTrue();
            String id = row.getString(1);
            Path adapter = Files.createDirectories(data.resolve("adapters/" + id));
            Files.writeString(adapter.resolve("adapter_config.json"),
                    "{\"peft_type\":\"LORA\",\"r\":3,\"lora_alpha\":6,\"target_modules\":[\"q_proj\"]}");
            String layer = "base_model.model.model.layers.0.self_attn.q_proj.lora_";
            Path weights = adapter.resolve("adapter_model.safetensors");
            new SafetensorsWriter().add(layer + "A.weight", List.of(3L, 12L), new float[36])
                    .add(layer + "B.weight", List.of(12L, 3L), new float[36]).write(weights);
            statement.executeUpdate("update fine_tuned_models set adapter_sha256 = '" + Sha256.hex(weights)
                    + "' where id = '" + id + "'");
            return UUID.fromString(id);
        }
    }
}
