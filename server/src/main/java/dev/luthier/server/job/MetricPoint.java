package dev.luthier.server.job;

import org.jspecify.annotations.Nullable;

/**
 * A validation measurement; losses are nats per target token.
 *
 * @param validAccuracy share of target tokens whose most likely prediction is right, 0 to 1
 */
public record MetricPoint(int step, double trainLoss, @Nullable Double validLoss, @Nullable Double validAccuracy,
        long createdAtMillis) {}
