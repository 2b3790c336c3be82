package dev.luthier.core.jinja;

/** A string builder that stays within the budget. */
final class TextBuilder {
    private final StringBuilder text = new StringBuilder();
    private final Budget budget;

    TextBuilder(Budget budget) {
        this.budget = budget;
    }

    TextBuilder append(String more) {
        budget.grow((long) text.length() + more.length(), more.length());
        text.append(more);
        return this;
    }

    TextBuilder repeat(String more, long times) {
        long added = more.length() * Math.max(times, 0);
        budget.grow(text.length() + added, added);
        for (long i = 0; i < times; i++) {
            text.append(more);
        }
        return this;
    }

    int length() {
        return text.length();
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
