package dev.luthier.server.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.job.JobState;
import dev.luthier.server.chat.ByteModel;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A line that the model's tokenizer cannot cope with fails its job, with its number; server and other jobs go on. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PoisonDataTest {
    private JobsRig rig;

    @BeforeAll
    void start(@TempDir Path directory) {
        Path models = directory.resolve("models");
        ByteModel.splitTexts(ByteModel.write(models.resolve("aborting"), ""), "(a+)+b|.");
        ByteModel.splitTexts(ByteModel.write(models.resolve("slow"), ""), "a*a*a*b|.");
        ByteModel.write(models.resolve("bytes"), "");
        rig = new JobsRig(directory, "--files.line-seconds", "2");
    }

    @AfterAll
    void stop() {
        rig.close();
    }

    /** The reason for which a job on the model fails; another job is found valid afterwards. */
    private String reason(String model, String thirdLine) {
        String good = "{\"text\":\"one two three\"}\n";
        String file = rig.upload(good.repeat(2) + "{\"text\":\"" + thirdLine + "\"}\n" + good.repeat(40));
        String poison = rig.create(rig.body(file, "").replace("\"tiny\"", "\"" + model + "\"")).path("id")
                .stringValue();
        String other = rig.create(rig.body(rig.file(), "")).path("id").stringValue();
        JsonNode failed = rig.await(poison, JobState.INVALID);
        rig.await(other, JobState.VALIDATED);
        return failed.toString();
    }

    @Test
    void aLineThatAbortsTheTokenizerIsNamed() {
        assertThat(reason("aborting", "a".repeat(60))).contains(
                "line 3: the sample cannot be encoded: a regular expression of its tokenizer.json takes too many steps");
    }

    @Test
    void aLineThatTheTokenizerDoesNotFinishIsNamed() {
        assertThat(reason("slow", ("a".repeat(380) + "c").repeat(3))).contains(
                "line 3: the sample cannot be encoded: the tokenizer of the model does not finish within 2 s");
    }

    @Test
    void aLineOfThreeMegabytesIsTooLongForTheModel() {
        assertThat(reason("bytes", "long line ".repeat(300_000)))
                .containsPattern("line 3: the sample has at least \\d+ tokens; at most 256 are possible");
    }
}
