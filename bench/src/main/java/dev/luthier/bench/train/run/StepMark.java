package dev.luthier.bench.train.run;

/**
 * A program's word that a step is done.
 *
 * @param timeMillis when, epoch milliseconds of this machine
 * @param tokens real tokens of all steps so far
 * @param targets target tokens of all steps so far
 */
public record StepMark(int step, long timeMillis, long tokens, long targets) {}
