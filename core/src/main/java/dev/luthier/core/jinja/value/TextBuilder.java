package dev.luthier.core.jinja.value;

/** A string builder that stays within the budget. */
public final class TextBuilder {
    private final StringBuilder text = new StringBuilder();
    private final Budget budget;

    public TextBuilder(Budget budget) {
        this.budget = budget;
    }

    public TextBuilder append(String more) {
        budget.grow((long) text.length() + more.length(), more.length());
        text.append(more);
        return this;
    }

    public TextBuilder repeat(String more, long times) {
        long added = more.length() * Math.max(times, 0);
        budget.grow(text.length() + added, added);
        for (long i = 0; i < times; i++) {
            text.append(more);
        }
        return this;
    }

    public int length() {
        return text.length();
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
