package dev.luthier.core.plan;

import dev.luthier.core.run.MemoryTier;
import dev.luthier.core.run.Quantization;

/**
 * What {@code luthier probe --json} prints.
 *
 * @param baseType that products were computed in: {@code bf16} or {@code fp32}
 * @param quantization how the base's linear layers lay in memory
 * @param memoryTier that was planned
 * @param expectedPeakBytes resident memory that the plan says
 * @param costs measured
 * @param loadSeconds from the start until the first step
 * @param peakBytes most memory of the process that lay in RAM
 */
public record ProbeReport(String baseType, Quantization quantization, MemoryTier memoryTier, long expectedPeakBytes,
        StepCosts costs, double loadSeconds,
        long peakBytes) {}
