package dev.luthier.core.jinja.value;

import org.jspecify.annotations.Nullable;

/** What stops a template: a wrong operation, an exceeded bound, or the template's own {@code raise_exception}. */
public final class TemplateFault extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Why it stopped. */
    public enum Cause {
        /** The source is not valid, or uses what is not supported. */
        SYNTAX,
        /** The template called {@code raise_exception}. */
        RAISED,
        /** An operation that Python or Jinja refuses. */
        OPERATION,
        /** A bound of {@link Limits}. */
        LIMIT
    }

    private final Cause why;
    private final int line;

    private TemplateFault(Cause why, String message, int line, @Nullable Throwable cause) {
        super(message, cause, false, false);
        this.why = why;
        this.line = line;
    }

    public static TemplateFault syntax(String message, int line) {
        return new TemplateFault(Cause.SYNTAX, message, line, null);
    }

    public static TemplateFault raised(String message) {
        return new TemplateFault(Cause.RAISED, message, 0, null);
    }

    public static TemplateFault of(String message) {
        return new TemplateFault(Cause.OPERATION, message, 0, null);
    }

    public static TemplateFault limit(String message) {
        return new TemplateFault(Cause.LIMIT, message, 0, null);
    }

    public static TemplateFault limit(String message, Throwable cause) {
        return new TemplateFault(Cause.LIMIT, message, 0, cause);
    }

    /** This fault at a line; the innermost line that is known wins. */
    public TemplateFault at(int where) {
        return line > 0 ? this : new TemplateFault(why, message(), where, this);
    }

    public Cause why() {
        return why;
    }

    /** From 1; 0 when unknown. */
    public int line() {
        return line;
    }

    public String message() {
        String message = getMessage();
        return message == null ? "" : message;
    }
}
