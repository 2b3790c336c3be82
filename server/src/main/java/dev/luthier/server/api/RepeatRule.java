package dev.luthier.server.api;

import dev.luthier.server.idempotency.RequestName;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** By what a request counts as the repetition of another, and what follows from that. */
sealed interface RepeatRule {

    /** What names the request. */
    RequestName name(UUID apiKey, String requestHash);

    /** Whether an earlier request may have been this one. */
    boolean repeats();

    /** How long it waits for an equal one that is in flight. */
    Duration patience();

    /** Whether an answer is kept for repetitions. */
    boolean keeps(int status);

    /** For how long. */
    Duration lifetime();

    /** The rule for a request; null when each is done for itself. */
    static @Nullable RepeatRule of(HttpServletRequest request) {
        String path = request.getRequestURI();
        if (!request.getMethod().equals("POST")
                || !(path.startsWith("/openai/v1/") || path.startsWith("/mistral/v1/"))) {
            return null;
        }
        String key = request.getHeader(Keyed.HEADER);
        return key == null ? Repeated.of(request) : Keyed.of(key);
    }

    /**
     * The client has named the request and repeats it on purpose. Failures of the server are not kept, and neither is
     * "too many requests": there repeating helps.
     */
    record Keyed(String key) implements RepeatRule {
        static final String HEADER = "Idempotency-Key";
        private static final int MAX_LENGTH = 255;

        static Keyed of(String key) {
            if (key.isBlank() || key.length() > MAX_LENGTH) {
                throw ApiFailure.invalid(List.of(new Fault("invalid_value",
                        "The Idempotency-Key must have from 1 to " + MAX_LENGTH + " characters.",
                        List.of("header", HEADER))));
            }
            return new Keyed(key);
        }

        @Override
        public RequestName name(UUID apiKey, String requestHash) {
            return RequestName.given(apiKey, key);
        }

        @Override
        public boolean repeats() {
            return true;
        }

        @Override
        public Duration patience() {
            return Duration.ZERO;
        }

        @Override
        public boolean keeps(int status) {
            return status < 500 && status != 429;
        }

        @Override
        public Duration lifetime() {
            return Duration.ofHours(24);
        }
    }

    /**
     * A create of an SDK that repeats by itself what it got no answer to, and names nothing. It counts its attempts: the
     * first is always a new object, a later one is the same as the last accepted one of a few minutes ago.
     */
    record Repeated(boolean repeats) implements RepeatRule {
        private static final Pattern CREATES = Pattern.compile("/openai/v1/(files|uploads|uploads/[^/]+/complete"
                + "|fine_tuning/jobs|fine_tuning/checkpoints/[^/]+/permissions)");

        static @Nullable Repeated of(HttpServletRequest request) {
            String count = request.getHeader("X-Stainless-Retry-Count");
            if (count == null || !CREATES.matcher(request.getRequestURI()).matches()) {
                return null;
            }
            return new Repeated(count.matches("0*[1-9]\\d*"));
        }

        @Override
        public RequestName name(UUID apiKey, String requestHash) {
            return RequestName.hashed(apiKey, requestHash);
        }

        @Override
        public Duration patience() {
            return Duration.ofSeconds(20);
        }

        @Override
        public boolean keeps(int status) {
            return status < 300;
        }

        @Override
        public Duration lifetime() {
            return Duration.ofMinutes(5);
        }
    }
}
