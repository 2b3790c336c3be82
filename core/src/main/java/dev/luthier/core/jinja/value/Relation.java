package dev.luthier.core.jinja.value;

/** Comparison operators. */
public enum Relation {
    EQUAL("=="), NOT_EQUAL("!="), LESS("<"), LESS_OR_EQUAL("<="), GREATER(">"), GREATER_OR_EQUAL(">="), IN("in"),
    NOT_IN("not in");

    private final String symbol;

    Relation(String symbol) {
        this.symbol = symbol;
    }

    /** As templates write it. */
    public String symbol() {
        return symbol;
    }
}
