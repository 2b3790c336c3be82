package dev.luthier.core.plan;

import java.util.Locale;

/**
 * What a self-test found of this machine's arithmetic over the shapes of a model; {@code luthier doctor --json} prints it.
 *
 * @param cpu kind of CPU, as {@link CpuKind#name} says it
 * @param libtorch version of libtorch and of the binding to it
 * @param threads that the products are computed with fastest, the fewest of those that are about as fast
 * @param quiet whether the machine had cores to spare; if not, {@code threads} are those that were allowed
 * @param bf16Gflops 10^9 operations a second of a training step's products in bf16, of one thread
 * @param fp32Gflops the same in fp32
 */
public record ArithmeticReport(String cpu, String libtorch, int threads, boolean quiet, double bf16Gflops,
        double fp32Gflops) {
    /** bf16 needs half the memory; it may be slower by this factor before fp32 is preferred. */
    private static final double BF16_MARGIN = 0.9;
    private static final double MUCH_SLOWER = 2;

    /** The type of a training's products that suits this machine: {@code bf16} or {@code fp32}. */
    public String baseType() {
        return bf16Gflops >= BF16_MARGIN * fp32Gflops ? "bf16" : "fp32";
    }

    /** Why it is that, for events and programs' output. */
    public String reason() {
        return String.format(Locale.ROOT, "one thread of this machine (%s) multiplies matrices of the model's shapes at"
                + " %.0f GFLOP/s in bf16 and at %.0f in fp32", cpu, bf16Gflops, fp32Gflops);
    }

    /** Whether products in that type, {@code bf16} or {@code fp32}, take more than twice the time of those in the other. */
    public boolean isMuchSlower(String baseType) {
        double chosen = baseType.equals("bf16") ? bf16Gflops : fp32Gflops;
        return MUCH_SLOWER * chosen < Math.max(bf16Gflops, fp32Gflops);
    }
}
