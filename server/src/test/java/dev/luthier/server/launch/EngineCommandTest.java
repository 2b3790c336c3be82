package dev.luthier.server.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EngineCommandTest {
    private final EngineCommand command = new EngineCommand(Path.of("/opt/luthier"));

    @Test
    void workThatCanWaitRunsAtALowPriority() {
        assumeTrue(EngineCommand.onPath("nice").isPresent(), "no nice on this machine");
        List<String> line = command.backgroundProcess("probe", "--json").command();
        assertThat(line.getFirst()).endsWith("nice");
        assertThat(line).endsWith("-n", "10", "/opt/luthier", "probe", "--json");
        assertThat(command.process("worker").command()).containsExactly("/opt/luthier", "worker");
    }

    @Test
    void programsDoNotGetTheKeysOfTheServer() {
        Map<String, String> environment = new HashMap<>(
                Map.of("LUTHIER_MASTER_KEY", "a", "LUTHIER_API_KEY", "b", "PATH", "c"));
        EngineCommand.removeSecrets(environment);
        assertThat(environment).containsOnlyKeys("PATH");
    }
}
