package dev.luthier.server.job;

/**
 * What the API through which a job was made demands of its data, and leaves to the plan.
 *
 * @param leastSamples valid samples that its training files must have together
 * @param choosesEpochs whether epochs that the request leaves open are chosen by the number of samples
 */
public record JobRules(long leastSamples, boolean choosesEpochs) {}
