package dev.luthier.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The official TypeScript SDK, both generations and both address forms, over the whole life of a fine-tuned model. */
final class MistralTypeScriptIT {
    private static final int OLDEST_NODE = 20;

    @TempDir
    Path temp;

    @ParameterizedTest
    @CsvSource({"v2,/mistral", "v2,''", "v1,/mistral"})
    void officialSdkRunsTheWholeLifeCycle(String generation, String prefix) throws IOException, InterruptedException {
        requireNode();
        Path suite = LiveServer.ROOT.resolve("conformance/mistral-ts").resolve(generation);
        if (!Files.isDirectory(suite.resolve("node_modules"))) {
            run(suite, Map.of(), List.of("npm", "ci", "--no-audit", "--no-fund"));
        }
        try (LiveServer server = LiveServer.start(temp)) {
            run(suite,
                    Map.of("LUTHIER_TEST_URL", server.url(), "LUTHIER_TEST_KEY", server.key(), "LUTHIER_TEST_MODEL",
                            "luthier-tiny", "LUTHIER_TEST_PREFIX", prefix),
                    List.of("node", "--test", "--test-reporter=spec", "suite.test.mjs"));
        }
    }

    private static void requireNode() throws IOException, InterruptedException {
        String version = "none";
        try {
            Process process = new ProcessBuilder("node", "--version").start();
            version = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            process.waitFor();
        } catch (IOException e) {
            // Not installed: the assertion below says what to do.
        }
        String major = version.startsWith("v") ? version.substring(1).split("\\.", 2)[0] : "0";
        assertThat(Integer.parseInt(major)).as(
                "Node %s or newer must be on the PATH for the SDK suites (found %s). Install it from your system's packages and run again.",
                OLDEST_NODE, version).isGreaterThanOrEqualTo(OLDEST_NODE);
    }

    private static void run(Path folder, Map<String, String> environment, List<String> command)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as("%s in %s:%n%s", command, folder, output).isZero();
    }
}
