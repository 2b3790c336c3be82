package dev.luthier.bench.train.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChildProcessTest {
    @TempDir
    private Path folder;

    private ChildProcess start(String script) throws IOException {
        return ChildProcess.start(List.of("sh", "-c", script), Map.of("GREETING", "hello"), folder.resolve("log"));
    }

    @ParameterizedTest
    @CsvSource({"echo one; echo 'ValueError: no'; echo '  at line 3'; exit 1, ValueError: no",
            "echo 'RuntimeError: first'; echo 'torch._dynamo.exc.InternalTorchDynamoError: last'; exit 1, torch._dynamo.exc.InternalTorchDynamoError: last",
            "echo usage; echo $GREETING; exit 2, hello", "exit 3, ended with status 3",
            "kill -9 $$, 'was killed (signal 9), as the system does when memory runs out'"})
    void failureIsTheLastErrorThatWasTold(String script, String expected) throws IOException, InterruptedException {
        try (ChildProcess child = start(script)) {
            child.ends(60);
            assertThat(child.failure("stood still").why()).isEqualTo(expected);
        }
    }

    @Test
    void stoppedProcessGoesOnWhenItIsResumed() throws IOException, InterruptedException {
        try (ChildProcess child = start("exit 4")) {
            child.stop();
            child.stop();
            child.resume();
            assertThat(child.ends(60)).isTrue();
            assertThat(child.exitCode()).isEqualTo(4);
        }
    }

    @Test
    void closingEndsAProcessThatIsStopped() throws IOException, InterruptedException {
        ChildProcess child = start("sleep 600");
        child.stop();
        assertThat(child.failure("stood still").why()).isEqualTo("stood still");
        child.close();
        assertThat(child.isAlive()).isFalse();
    }
}
