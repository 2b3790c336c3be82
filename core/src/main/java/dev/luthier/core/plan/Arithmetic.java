package dev.luthier.core.plan;

import dev.luthier.core.run.Quantization;

/**
 * The numbers that a training computes with on this machine.
 *
 * @param baseType of the products: {@code bf16} or {@code fp32}
 * @param quantization how the base's linear layers lie in memory
 * @param threads of a trainer
 * @param reason why it is this type, for people
 * @param muchSlower whether another type would take less than half the time
 */
public record Arithmetic(String baseType, Quantization quantization, int threads, String reason, boolean muchSlower) {

    /** The same with the linear layers kept in another way. */
    public Arithmetic with(Quantization kept) {
        return new Arithmetic(baseType, kept, threads, reason, muchSlower);
    }

    /** A sentence on what is computed with, and why. */
    public String explain() {
        return "The training computes in " + describe() + " with " + threads
                + (threads == 1 ? " thread: " : " threads: ")
                + reason + ".";
    }

    /** For people: {@code bf16}, {@code fp32}, {@code fp32, its linear layers kept in nf4}. */
    public String describe() {
        return quantization == Quantization.NONE
                ? baseType
                : baseType + ", its linear layers kept in " + quantization.label();
    }
}
