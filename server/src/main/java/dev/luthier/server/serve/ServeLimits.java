package dev.luthier.server.serve;

import java.time.Duration;

/**
 * Bounds of the worker pool.
 *
 * @param memoryBytes all workers together, by estimate
 * @param cacheBytes key-value cache of one worker
 * @param idle after which an unused worker is stopped
 * @param loadWait how long a request waits for a worker that is being started
 * @param adaptersPerWorker adapters kept loaded; the least recently used one goes first
 * @param threads of a worker, or 0 to choose by the size of the model
 * @param type number type of models while they answer: {@code bf16} or {@code fp32}
 */
public record ServeLimits(long memoryBytes, long cacheBytes, Duration idle, Duration loadWait, int adaptersPerWorker,
        int threads, String type) {}
