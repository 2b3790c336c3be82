package dev.luthier.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.process.TemporaryDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the demo has started ends with it, and its data goes: at once, or when the next one starts. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
final class KilledDemoIT {

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void serverAndTrainerOfADemoEndWithIt(boolean kill) throws IOException, InterruptedException {
        ProcessBuilder builder = LiveServer.luthier(List.of("demo"));
        Process demo = builder.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        Path data = await(() -> dataDirectory(demo));
        await(() -> mentioning(data).filter(process -> line(process).contains("TrainerMain")).findAny());
        if (kill) {
            demo.destroyForcibly().waitFor();
        } else {
            demo.destroy();
            demo.waitFor();
        }
        await(() -> mentioning(data).findAny().isEmpty() ? Optional.of(data) : Optional.empty());
        if (kill) {
            TemporaryDirectory.create("luthier-demo-").close();
        }
        assertThat(data).doesNotExist();
    }

    private static Optional<Path> dataDirectory(Process demo) {
        return demo.descendants().map(KilledDemoIT::line).filter(line -> line.contains("ServerMain"))
                .map(line -> Path.of(line.replaceFirst(".* --data-dir (\\S+).*", "$1"))).findFirst();
    }

    private static Stream<ProcessHandle> mentioning(Path data) {
        return ProcessHandle.allProcesses().filter(process -> line(process).contains(data.toString()));
    }

    private static String line(ProcessHandle process) {
        return process.info().commandLine().orElse("");
    }

    private interface Search<T> {
        Optional<T> find();
    }

    private static <T> T await(Search<T> search) throws InterruptedException {
        while (true) {
            Optional<T> found = search.find();
            if (found.isPresent()) {
                return found.get();
            }
            Thread.sleep(Duration.ofMillis(50));
        }
    }
}
