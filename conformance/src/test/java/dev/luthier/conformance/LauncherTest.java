package dev.luthier.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** When the launcher builds, and when it must not: in a checkout whose Maven and Java are scripts. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the launcher is a POSIX shell script")
final class LauncherTest {
    private static final String JAVA = """
            #!/bin/sh
            echo "java $*"
            case "$*" in *ServerMain*) read line || true ;; esac
            """;
    private static final String MAVEN = """
            #!/bin/sh
            echo "$*" >> builds
            touch cli/target/built
            """;

    @TempDir
    Path temp;

    private Path checkout;
    private Path source;
    private Path stamp;

    private record Result(int status, String out, String err) {}

    @BeforeEach
    void makeCheckout() throws IOException {
        temp = temp.toRealPath();
        checkout = temp.resolve("checkout");
        source = checkout.resolve("core/src/main/A.java");
        stamp = checkout.resolve("cli/target/built");
        Files.createDirectories(source.getParent());
        Files.writeString(source, "");
        Files.writeString(checkout.resolve("pom.xml"), "");
        script(checkout.resolve("mvnw"), MAVEN);
        script(temp.resolve("jdk/bin/java"), JAVA);
        script(temp.resolve("jdk/bin/javac"), JAVA);
        Files.writeString(temp.resolve("jdk/release"), "JAVA_VERSION=\"25.0.1\"\n");
        Files.copy(LiveServer.ROOT.resolve("luthier"), checkout.resolve("luthier"));
    }

    private static void script(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.setPosixFilePermissions(Files.writeString(file, text), PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private ProcessBuilder launcher(String... arguments) {
        List<String> line = new ArrayList<>(List.of("sh", checkout.resolve("luthier").toString()));
        line.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(line);
        builder.environment().keySet().removeIf(name -> name.startsWith("LUTHIER_") || name.startsWith("MAVEN_"));
        builder.environment().put("JAVA_HOME", temp.resolve("jdk").toString());
        builder.environment().put("HOME", temp.toString());
        builder.environment().put("LUTHIER_AOT_CACHE", "off");
        return builder;
    }

    private Result run(String... arguments) throws IOException, InterruptedException {
        return result(launcher(arguments).redirectError(temp.resolve("err").toFile()).start());
    }

    private Result result(Process process) throws IOException, InterruptedException {
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Result(process.exitValue(), out, Files.readString(temp.resolve("err")));
    }

    private int builds() throws IOException {
        Path builds = checkout.resolve("builds");
        return Files.exists(builds) ? Files.readAllLines(builds).size() : 0;
    }

    private void makeStale() throws IOException {
        Files.createDirectories(stamp.getParent());
        Files.writeString(stamp, "");
        Files.setLastModifiedTime(stamp, FileTime.from(Instant.now().minusSeconds(60)));
    }

    @Test
    void buildsOnceAndAgainWhenASourceIsNewer() throws IOException, InterruptedException {
        assertThat(run("jobs", "list").out()).contains("LuthierMain jobs list");
        assertThat(run("jobs", "list").err()).isEmpty();
        assertThat(builds()).isEqualTo(1);
        makeStale();
        assertThat(run("jobs", "list").status()).isZero();
        assertThat(builds()).isEqualTo(2);
    }

    @Test
    void neverBuildsUnderARunningServer() throws IOException, InterruptedException {
        run("jobs");
        Process server = launcher("serve").redirectErrorStream(true).start();
        try {
            assertThat(server.inputReader().readLine()).contains("ServerMain");
            makeStale();
            Result result = run("jobs", "list");
            assertThat(result.status()).isZero();
            assertThat(result.out()).contains("LuthierMain jobs list");
            assertThat(result.err().strip()).hasLineCount(1)
                    .contains("luthier serve (process " + server.pid() + ") runs from it");
            assertThat(builds()).isEqualTo(1);
            Files.delete(stamp);
            assertThat(run("jobs", "list").status()).isEqualTo(1);
        } finally {
            server.destroyForcibly();
        }
        assertThat(server.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(run("jobs", "list").status()).isZero();
        assertThat(builds()).isEqualTo(2);
    }

    @Test
    void lockThatAKilledBuildLeftIsTakenOver() throws IOException, InterruptedException {
        Process gone = new ProcessBuilder("true").start();
        assertThat(gone.waitFor(60, TimeUnit.SECONDS)).isTrue();
        Path lock = Files.createDirectories(checkout.resolve("cli/target/build.lock"));
        Files.writeString(lock.resolve("pid"), gone.pid() + "\n");
        assertThat(run("jobs", "list").status()).isZero();
        assertThat(builds()).isEqualTo(1);
        assertThat(lock).doesNotExist();
    }

    @Test
    void saysWhichBuildItWaitsFor() throws IOException, InterruptedException {
        Process other = new ProcessBuilder("sh", "-c", "read line; : luthier").start();
        Path lock = Files.createDirectories(checkout.resolve("cli/target/build.lock"));
        Files.writeString(lock.resolve("pid"), other.pid() + "\n");
        Process waiting = launcher("jobs").redirectOutput(temp.resolve("out").toFile()).start();
        try {
            assertThat(waiting.errorReader().readLine())
                    .isEqualTo("luthier: process " + other.pid() + " is building; waiting for it");
            other.destroyForcibly();
            assertThat(waiting.waitFor(60, TimeUnit.SECONDS)).isTrue();
        } finally {
            other.destroyForcibly();
            waiting.destroyForcibly();
        }
        assertThat(builds()).isEqualTo(1);
    }

    @Test
    void worksWithoutAHome() throws IOException, InterruptedException {
        ProcessBuilder builder = launcher("jobs", "list").redirectError(temp.resolve("err").toFile());
        builder.environment().remove("HOME");
        Result result = result(builder.start());
        assertThat(result.status()).as(result.err()).isZero();
        assertThat(result.out()).contains("LuthierMain jobs list").doesNotContain("user.home");
        assertThat(Files.readString(checkout.resolve("builds")))
                .contains("-Dmaven.repo.local=" + checkout.resolve("cli/target/maven/repository"));
        assertThat(run("jobs", "list").out()).contains("-Duser.home=" + temp);
    }

    @Test
    void checkoutOfSomebodyElseWorksOnceItIsBuilt() throws IOException, InterruptedException {
        assumeThat(System.getProperty("user.name")).as("root may write everywhere").isNotEqualTo("root");
        run("jobs");
        makeStale();
        Path target = stamp.getParent();
        Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("r-xr-xr-x"));
        try {
            Result result = run("jobs", "list");
            assertThat(result.status()).isZero();
            assertThat(result.err().strip()).hasLineCount(1).contains("used as it is").contains("cannot be written");
        } finally {
            Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        assertThat(builds()).isEqualTo(1);
    }
}
