package dev.luthier.bench.train.run;

/**
 * Some consecutive steps of a program.
 *
 * @param tokens real tokens
 * @param targets target tokens
 * @param seconds in which the program ran
 */
public record Round(long tokens, long targets, double seconds) {
    public double tokensPerSecond() {
        return tokens / seconds;
    }

    public double targetsPerSecond() {
        return targets / seconds;
    }
}
