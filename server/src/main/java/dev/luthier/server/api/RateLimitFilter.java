package dev.luthier.server.api;

import dev.luthier.server.key.Principal;
import io.github.bucket4j.TimeMeter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Refuses requests of a key that makes more than so many a minute, and tells on every response how many are left, in
 * the headers of its dialect. Open routes and {@code /metrics} are not counted.
 */
public final class RateLimitFilter extends HttpFilter {
    private static final long serialVersionUID = 1L;
    static final String CODE = "rate_limit_exceeded";

    private final int perMinute;
    private final transient RateLimits limits;

    public RateLimitFilter(int requestsPerMinute) {
        this.perMinute = requestsPerMinute;
        this.limits = new RateLimits(requestsPerMinute, TimeMeter.SYSTEM_NANOTIME);
    }

    @Override
    protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        if (request.getAttribute(Principal.class.getName()) instanceof Principal principal
                && !request.getRequestURI().equals("/metrics")) {
            RateLimits.Taken taken = limits.take(principal.keyId());
            tell(Dialect.of(request), taken, response);
            if (!taken.allowed()) {
                throw refusal(taken);
            }
        }
        chain.doFilter(request, response);
    }

    private void tell(Dialect dialect, RateLimits.Taken taken, HttpServletResponse response) {
        String limit = Integer.toString(perMinute);
        String remaining = Long.toString(taken.remaining());
        if (dialect != Dialect.MISTRAL) {
            response.setHeader("x-ratelimit-limit-requests", limit);
            response.setHeader("x-ratelimit-remaining-requests", remaining);
            response.setHeader("x-ratelimit-reset-requests", duration(taken.resetNanos()));
        }
        if (dialect.speaksMistral()) {
            response.setHeader("x-ratelimit-limit-req-minute", limit);
            response.setHeader("x-ratelimit-remaining-req-minute", remaining);
        }
    }

    private ApiFailure refusal(RateLimits.Taken taken) {
        long millis = Math.max(1, ceiling(taken.waitNanos(), TimeUnit.MILLISECONDS));
        String seconds = Long.toString(Math.max(1, ceiling(taken.waitNanos(), TimeUnit.SECONDS)));
        return ApiFailure.of(429, CODE,
                "Rate limit reached: this API key may make " + perMinute + " requests a minute. Try again in "
                        + duration(taken.waitNanos()) + ".",
                Map.of("Retry-After", seconds, "retry-after-ms", Long.toString(millis)));
    }

    private static long ceiling(long nanos, TimeUnit unit) {
        return Math.ceilDiv(nanos, unit.toNanos(1));
    }

    /** A length of time as OpenAI writes it: {@code 6ms}, {@code 1.5s}, {@code 6m0s}. */
    static String duration(long nanos) {
        long millis = ceiling(nanos, TimeUnit.MILLISECONDS);
        if (millis < 1000) {
            return millis + "ms";
        }
        String seconds = BigDecimal.valueOf(millis % 60_000)
                .divide(BigDecimal.valueOf(1000), 3, RoundingMode.UNNECESSARY)
                .stripTrailingZeros().toPlainString();
        return millis < 60_000 ? seconds + "s" : millis / 60_000 + "m" + seconds + "s";
    }
}
