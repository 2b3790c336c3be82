package dev.luthier.core.plan;

import dev.luthier.core.run.MemoryTier;

/**
 * What {@code luthier probe --json} prints.
 *
 * @param memoryTier that was planned
 * @param expectedPeakBytes resident memory that the plan says
 * @param costs measured
 * @param loadSeconds from the start until the first step
 * @param peakBytes most memory of the process that lay in RAM
 */
public record ProbeReport(MemoryTier memoryTier, long expectedPeakBytes, StepCosts costs, double loadSeconds,
        long peakBytes) {}
