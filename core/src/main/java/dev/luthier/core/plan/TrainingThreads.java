package dev.luthier.core.plan;

/** How many threads train a model well. */
public final class TrainingThreads {
    /** Smaller models are trained by one thread: their products are too short to be worth sharing out. */
    private static final long ONE_THREAD_PARAMETERS = 20_000_000;

    private TrainingThreads() {}

    /** @param parameters as {@link dev.luthier.core.model.ModelConfig#parameterCount} counts them */
    public static int suiting(long parameters) {
        return parameters < ONE_THREAD_PARAMETERS ? 1 : Runtime.getRuntime().availableProcessors();
    }
}
