package dev.luthier.server.serve;

import dev.luthier.core.run.Task;

/**
 * A model that tells labels.
 *
 * @param target with an adapter, whose head has a row for each label
 * @param task the labels, in the order of those rows
 */
record Classifier(Target target, Task.Classification task) {}
