package dev.luthier.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The official SDKs for Java and Node; {@code conformance/run} drives the other languages too. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class OfficialSdkIT {
    private static final Duration LIMIT = Duration.ofMinutes(10);

    private Fixture fixture;

    @BeforeAll
    void startServers(@TempDir Path temp) throws IOException, InterruptedException {
        fixture = Fixture.start(temp);
    }

    @AfterAll
    void stopServers() throws InterruptedException {
        fixture.close();
    }

    @ParameterizedTest
    @Timeout(value = 11, unit = TimeUnit.MINUTES)
    @EnumSource(value = Suite.class, names = {"OPENAI_NODE", "OPENAI_JAVA", "MISTRAL_TS_V2", "MISTRAL_TS_V1"})
    void everythingThatTheSdkOffersWorks(Suite suite) throws IOException, InterruptedException {
        SuiteResult result = SuiteRunner.run(suite, fixture.environment(), LIMIT);
        fixture.cancelLeftovers();
        assertThat(result.skipped()).as("install what the suite needs, then run again").isEmpty();
        assertThat(result.faults()).as(result.output()).isEmpty();
    }
}
