package dev.luthier.core.problem;

import org.jspecify.annotations.Nullable;

/**
 * One fault: what is wrong, where, and what to do.
 *
 * <p>The API layer alone turns a problem into a status and a vendor's error body.
 *
 * @param kind who can mend it
 * @param code stable machine-readable name in snake case, for example {@code invalid_hyperparameters}
 * @param message one or two sentences for a person; a data fault starts with its line number
 * @param param the request field or setting at fault, as a dotted path, or null
 */
public record Problem(Kind kind, String code, String message, @Nullable String param) {

    /** Who can mend a fault. */
    public enum Kind {
        /** The caller: the request, the file or the setting is wrong. */
        USER,
        /** The operator: memory, disk, a busy worker; the same request may pass later. */
        RESOURCE,
        /** Us. */
        INTERNAL
    }

    public static Problem user(String code, String message) {
        return new Problem(Kind.USER, code, message, null);
    }

    public static Problem user(String code, String message, String param) {
        return new Problem(Kind.USER, code, message, param);
    }

    public static Problem resource(String code, String message) {
        return new Problem(Kind.RESOURCE, code, message, null);
    }

    public static Problem internal(String code, String message) {
        return new Problem(Kind.INTERNAL, code, message, null);
    }

    public ProblemException asException() {
        return new ProblemException(this);
    }

    /** @param cause what it was found by; decides whether it may pass by itself, as a full disk does */
    public ProblemException asException(Throwable cause) {
        return new ProblemException(this, cause);
    }
}
