package dev.luthier.engine.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.run.RunDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** States of checkpoints as earlier commits wrote them; the server's tests open the whole data directories. */
final class EarlierCheckpointsTest {
    private static final Path EARLIER = Path.of("../server/src/test/resources/earlier");

    static List<Path> states() throws IOException {
        try (Stream<Path> all = Files.walk(EARLIER)) {
            return all.filter(file -> file.endsWith("state.json")).sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("states")
    void runOfAnEarlierCommitIsGoneOnWith(Path file) throws IOException {
        RunState state = RunState.STORED.read(Files.readString(file), file.toString());
        assertThat(state.step()).isPositive();
        assertThat(state.spec()).isEqualTo(new RunDirectory(file.resolve("../../..").normalize()).readSpec());
    }
}
