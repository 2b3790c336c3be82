package dev.luthier.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.server.TestServer;
import dev.luthier.server.TestServer.Answer;
import io.github.bucket4j.TimeMeter;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RateLimitTest {
    @TempDir
    Path directory;

    /** Time that goes on when the test says so. */
    private static final class Time implements TimeMeter {
        private final AtomicLong nanos = new AtomicLong(1);

        void pass(long seconds) {
            nanos.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
        }

        @Override
        public long currentTimeNanos() {
            return nanos.get();
        }

        @Override
        public boolean isWallClockBased() {
            return false;
        }
    }

    @Test
    void requestsBeyondTheLimitWaitUntilTheBucketHasFilled() {
        Time time = new Time();
        RateLimits limits = new RateLimits(6, time);
        UUID key = UUID.randomUUID();
        for (int left = 5; left >= 0; left--) {
            RateLimits.Taken taken = limits.take(key);
            assertThat(taken.allowed()).isTrue();
            assertThat(taken.remaining()).isEqualTo(left);
        }
        RateLimits.Taken refused = limits.take(key);
        assertThat(refused.allowed()).isFalse();
        assertThat(refused.waitNanos()).isEqualTo(TimeUnit.SECONDS.toNanos(10));
        assertThat(refused.resetNanos()).isEqualTo(TimeUnit.SECONDS.toNanos(60));
        assertThat(limits.take(UUID.randomUUID()).allowed()).as("another key").isTrue();
        time.pass(10);
        assertThat(limits.take(key).allowed()).isTrue();
        assertThat(limits.take(key).allowed()).isFalse();
    }

    @Test
    void keysThatAreNoLongerUsedAreLetGo() {
        Time time = new Time();
        RateLimits limits = new RateLimits(2, time);
        for (int i = 0; i < 1000; i++) {
            limits.take(UUID.randomUUID());
        }
        time.pass(60);
        for (int i = 0; i < 100; i++) {
            limits.take(UUID.randomUUID());
        }
        assertThat(limits.size()).isLessThan(200);
    }

    @ParameterizedTest
    @CsvSource({"0,0ms", "1,1ms", "6000000,6ms", "999999999,1s", "1500000000,1.5s", "59999000000,59.999s",
            "60000000000,1m0s", "361000000000,6m1s", "61020000000,1m1.02s"})
    void durationsAreWrittenAsClientsReadThem(long nanos, String text) {
        assertThat(RateLimitFilter.duration(nanos)).isEqualTo(text);
    }

    @Test
    void everyResponseTellsWhatIsLeftInItsDialect() {
        try (TestServer server = TestServer.start(directory, "--limits.requests-per-minute", "5")) {
            Answer openAi = server.get("/openai/v1/nonsense");
            assertThat(openAi.header("x-ratelimit-limit-requests")).isEqualTo("5");
            assertThat(openAi.header("x-ratelimit-remaining-requests")).isEqualTo("4");
            assertThat(openAi.header("x-ratelimit-reset-requests")).matches("1\\d(\\.\\d+)?s");
            assertThat(openAi.headers()).doesNotContainKey("x-ratelimit-limit-req-minute");
            Answer mistral = server.get("/mistral/v1/files");
            assertThat(mistral.header("x-ratelimit-limit-req-minute")).isEqualTo("5");
            assertThat(mistral.header("x-ratelimit-remaining-req-minute")).isEqualTo("3");
            assertThat(mistral.headers()).doesNotContainKey("x-ratelimit-limit-requests");
            Answer either = server.get("/v1/files");
            assertThat(either.headers()).containsKeys("x-ratelimit-limit-requests", "x-ratelimit-limit-req-minute");
            assertThat(server.get("/health").headers()).doesNotContainKey("x-ratelimit-limit-requests");
            assertThat(server.get("/metrics").headers()).doesNotContainKey("x-ratelimit-limit-requests");
            server.get("/openai/v1/files");
            server.get("/openai/v1/files");
            assertRefused(server);
        }
        try (TestServer server = TestServer.start(directory.resolve("other"))) {
            assertThat(server.get("/openai/v1/files").headers()).doesNotContainKey("x-ratelimit-limit-requests");
        }
    }

    private static void assertRefused(TestServer server) {
        Answer openAi = server.get("/openai/v1/files");
        assertThat(openAi.status()).isEqualTo(429);
        assertThat(openAi.json().at("/error/type").stringValue()).isEqualTo("requests");
        assertThat(openAi.json().at("/error/code").stringValue()).isEqualTo("rate_limit_exceeded");
        assertThat(openAi.header("x-should-retry")).isEqualTo("true");
        assertThat(Integer.parseInt(openAi.header("retry-after"))).isBetween(1, 12);
        assertThat(Integer.parseInt(openAi.header("retry-after-ms"))).isBetween(1, 12_000);
        assertThat(openAi.header("x-ratelimit-remaining-requests")).isEqualTo("0");
        assertThat(openAi.header("openai-version")).isNotEmpty();
        Answer mistral = server.get("/mistral/v1/files");
        assertThat(mistral.status()).isEqualTo(429);
        assertThat(mistral.json().get("type").stringValue()).isEqualTo("rate_limited");
        assertThat(mistral.header("retry-after")).isNotEmpty();
        assertThat(server.get("/health").status()).isEqualTo(200);
        assertThat(server.get("/metrics").status()).isEqualTo(200);
    }
}
