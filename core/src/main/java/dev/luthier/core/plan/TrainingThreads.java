package dev.luthier.core.plan;

/** How many threads compute well. */
public final class TrainingThreads {
    /** Smaller models are trained by one thread: their products are too short to be worth sharing out. */
    private static final long ONE_THREAD_PARAMETERS = 20_000_000;

    private TrainingThreads() {}

    /** @param parameters as {@link dev.luthier.core.model.ModelConfig#parameterCount} counts them */
    public static int suiting(long parameters) {
        return parameters < ONE_THREAD_PARAMETERS ? 1 : Runtime.getRuntime().availableProcessors();
    }

    /** No more threads than cores: those of one product wait for each other, and some would never be there. */
    public static int atMost(int wanted) {
        return Math.min(wanted, Runtime.getRuntime().availableProcessors());
    }
}
