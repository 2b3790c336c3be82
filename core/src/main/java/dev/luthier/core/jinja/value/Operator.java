package dev.luthier.core.jinja.value;

/** Arithmetic operators. */
public enum Operator {
    ADD("+"), SUBTRACT("-"), MULTIPLY("*"), DIVIDE("/"), FLOOR_DIVIDE("//"), MODULO("%"), POWER("**");

    private final String symbol;

    Operator(String symbol) {
        this.symbol = symbol;
    }

    /** As templates write it. */
    public String symbol() {
        return symbol;
    }
}
