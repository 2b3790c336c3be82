package dev.luthier.server.api;

import dev.luthier.server.idempotency.Answer;
import dev.luthier.server.idempotency.AnswerStore;
import dev.luthier.server.idempotency.RequestName;
import dev.luthier.server.idempotency.RunningRequests;
import dev.luthier.server.idempotency.RunningRequests.Running;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does a POST of either dialect once although it comes twice, when its {@code Idempotency-Key} says so or when an SDK
 * repeats a create by itself: the second one gets the first one's answer. Streamed answers are exempt. Runs after the
 * caller and the route are known.
 */
public final class IdempotencyFilter extends HttpFilter {
    private static final long serialVersionUID = 1L;
    private static final Logger LOG = LoggerFactory.getLogger(IdempotencyFilter.class);
    /** A larger answer is not kept, so its request is done anew when it is repeated. */
    private static final int MAX_ANSWER_BYTES = 1 << 20;
    private static final String IN_FLIGHT = "A request that is the same as this one is still in flight. Wait for its"
            + " answer, or repeat this one later.";

    private final transient JsonBody jsonBody;
    private final transient AnswerStore answers;
    private final transient RunningRequests running = new RunningRequests();

    public IdempotencyFilter(JsonBody jsonBody, AnswerStore answers) {
        this.jsonBody = jsonBody;
        this.answers = answers;
    }

    @Override
    protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        RepeatRule rule = RepeatRule.of(request);
        if (rule == null) {
            chain.doFilter(request, response);
            return;
        }
        HttpServletRequest readable = request;
        String hash;
        if (UploadForm.isMultipart(request)) {
            hash = RequestHash.ofParts(request);
        } else {
            byte[] body = jsonBody.readBounded(request);
            readable = new RepeatableRequest(request, request.getRequestURI(), body);
            hash = asksForStream(request, body) ? null : RequestHash.of(request, body);
        }
        if (hash == null) {
            chain.doFilter(readable, response);
        } else {
            answerOnce(rule, hash, readable, response, chain);
        }
    }

    private void answerOnce(RepeatRule rule, String hash, HttpServletRequest request, HttpServletResponse response,
            FilterChain chain) throws IOException, ServletException {
        RequestName name = rule.name(AuthenticationFilter.principal(request).keyId(), hash);
        Optional<Answer> before = rule.repeats() ? answers.find(name) : Optional.empty();
        if (before.isPresent()) {
            replay(before.get(), hash, response);
            return;
        }
        try (Running mine = rule.repeats() ? claim(rule, name, hash) : running.startAnyway(name, hash)) {
            // The other one may have ended between the look and the claim.
            Optional<Answer> meanwhile = rule.repeats() ? answers.find(name) : Optional.empty();
            if (meanwhile.isPresent()) {
                replay(meanwhile.get(), hash, response);
                return;
            }
            RecordedResponse recorded = new RecordedResponse(response, MAX_ANSWER_BYTES);
            answers.creation(name, hash, rule.repeats(), rule.lifetime()).orElseThrow(IdempotencyFilter::anotherBody)
                    .<IOException, ServletException>during(() -> chain.doFilter(request, recorded));
            keep(rule, name, recorded.answer(mine.requestHash()));
            recorded.send();
        }
    }

    /* Waits for another one that is at work for as long as the rule allows; one that failed leaves room for this. */
    private Running claim(RepeatRule rule, RequestName name, String hash) {
        long deadline = System.nanoTime() + rule.patience().toNanos();
        while (true) {
            RunningRequests.Start start = running.start(name, hash);
            Running other = start.other();
            if (other == null) {
                return start.mine();
            }
            if (!other.requestHash().equals(hash)) {
                throw anotherBody();
            }
            if (!ends(other, Duration.ofNanos(deadline - System.nanoTime()))) {
                throw ApiFailure.of(409, "request_in_flight", IN_FLIGHT,
                        Map.of(ErrorWriter.SHOULD_RETRY, "true", "Retry-After", "1"));
            }
        }
    }

    private static boolean ends(Running other, Duration patience) {
        try {
            return other.await(patience);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void keep(RepeatRule rule, RequestName name, @Nullable Answer answer) {
        if (answer != null && rule.keeps(answer.status())) {
            try {
                answers.keep(name, answer, rule.lifetime());
            } catch (RuntimeException e) {
                LOG.warn("an answer cannot be kept for repeats of its request", e);
            }
        }
    }

    private static void replay(Answer answer, String hash, HttpServletResponse response) throws IOException {
        if (!answer.requestHash().equals(hash)) {
            throw anotherBody();
        }
        response.setStatus(answer.status());
        answer.headers().forEach(response::setHeader);
        response.setHeader("idempotent-replayed", "true");
        response.getOutputStream().write(answer.body());
    }

    private static ApiFailure anotherBody() {
        return ApiFailure.of(422, "idempotency_key_reused", "This Idempotency-Key has been used for another request."
                + " Use a new key for each request, and the same only to repeat it unchanged.");
    }

    /* A body that is not JSON is refused further in. */
    private boolean asksForStream(HttpServletRequest request, byte[] body) {
        if (!request.getRequestURI().endsWith("/completions")) {
            return false;
        }
        try {
            return jsonBody.parse(body).path("stream").booleanValue(false);
        } catch (ApiFailure e) {
            return false;
        }
    }
}
