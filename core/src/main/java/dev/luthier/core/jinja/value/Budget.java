package dev.luthier.core.jinja.value;

/** What one rendering has used of its {@link Limits}. One thread. */
public final class Budget {
    private static final int CHARS_PER_STEP = 16;

    private final Limits limits;
    private long steps;
    private int depth;

    public Budget(Limits limits) {
        this.limits = limits;
    }

    public void step() {
        steps(1);
    }

    public void steps(long count) {
        steps += count;
        if (steps > limits.steps()) {
            throw TemplateFault.limit("The template does more than " + limits.steps() + " steps.");
        }
    }

    /** Called before a text of that length is made. */
    public void text(long length) {
        grow(length, length);
    }

    /** Called before {@code added} characters make a text {@code total} long. */
    void grow(long total, long added) {
        if (total > limits.textLength()) {
            throw TemplateFault.limit("The template makes a text of more than " + limits.textLength() + " characters.");
        }
        steps(added / CHARS_PER_STEP);
    }

    /** Called before a list or dictionary of that many elements is made. */
    public void items(long count) {
        if (count > limits.items()) {
            throw TemplateFault.limit("The template makes a list of more than " + limits.items() + " elements.");
        }
        steps(count);
    }

    /** Called before a nested evaluation; pair it with {@link #leave}. */
    public void enter() {
        step();
        depth++;
        if (depth > limits.depth()) {
            throw TemplateFault.limit("The template nests deeper than " + limits.depth() + " evaluations.");
        }
    }

    public void leave() {
        depth--;
    }
}
