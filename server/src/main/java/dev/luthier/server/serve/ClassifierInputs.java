package dev.luthier.server.serve;

import java.util.List;

/**
 * Texts and conversations as a classifier's tokens.
 *
 * @param tokens of each
 */
public record ClassifierInputs(Classifier classifier, List<int[]> tokens) {
    public ClassifierInputs {
        tokens = List.copyOf(tokens);
    }

    /** Tokens of all inputs together. */
    public long tokenCount() {
        return tokens.stream().mapToLong(each -> each.length).sum();
    }

    /** Scores that the answer has. */
    public long scoreCount() {
        return (long) tokens.size() * classifier.task().labels();
    }
}
