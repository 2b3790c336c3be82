package dev.luthier.server.api;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * The integers that a client can read. The official clients for Kotlin and Rust keep sizes and token counts in 32 bits
 * and fail on a whole list when one number in it is larger; they are told the largest that they can hold. Every other
 * client is told the truth.
 */
public enum ClientIntegers {
    BITS_32, BITS_64;

    private static final Pattern AGENT_32 = Pattern.compile("(ktor|openai-client-base/|openapi-generator/.*/rust).*");

    static ClientIntegers of(HttpServletRequest request) {
        String agent = Objects.requireNonNullElse(request.getHeader("User-Agent"), "").toLowerCase(Locale.ROOT);
        return AGENT_32.matcher(agent).matches() ? BITS_32 : BITS_64;
    }

    /** The number, or the largest that the client can hold. */
    public long fitting(long number) {
        return this == BITS_32 ? Math.min(number, Integer.MAX_VALUE) : number;
    }
}
