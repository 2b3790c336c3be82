package dev.luthier.lab.pretrain;

import dev.luthier.core.json.StoredJson;

/**
 * Where a pre-training stands, in its checkpoints.
 *
 * @param step updates made
 * @param batches batches read
 * @param tokens tokens seen
 * @param trainSeconds time spent in steps
 * @param heldOutBefore held-out loss of the initial weights, nats per token
 */
record PretrainState(PretrainRecipe recipe, int step, long batches, long tokens, double trainSeconds,
        double heldOutBefore) {
    static final StoredJson<PretrainState> STORED = StoredJson.of(PretrainState.class);
}
