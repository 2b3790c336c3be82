package dev.luthier.server.api;

import jakarta.servlet.http.HttpServletRequest;

/** The vendor's API that a request speaks. */
public enum Dialect {
    MISTRAL,
    OPENAI,
    /** Bare {@code /v1} and nothing tells: Mistral's routes and errors, with OpenAI's keys beside them. */
    EITHER,
    /** Our own routes; errors in Mistral's shape. */
    LUTHIER;

    /** The dialect that {@link DialectFilter} found; LUTHIER outside the API. */
    public static Dialect of(HttpServletRequest request) {
        return request.getAttribute(Dialect.class.getName()) instanceof Dialect found ? found : LUTHIER;
    }

    void mark(HttpServletRequest request) {
        request.setAttribute(Dialect.class.getName(), this);
    }

    /** Whether the caller may be a client of Mistral's API. */
    public boolean speaksMistral() {
        return this == MISTRAL || this == EITHER;
    }

    /** Whether the caller may be a client of OpenAI's API. */
    public boolean speaksOpenAi() {
        return this == OPENAI || this == EITHER;
    }
}
