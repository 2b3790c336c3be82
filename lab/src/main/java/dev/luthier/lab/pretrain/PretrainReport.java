package dev.luthier.lab.pretrain;

import java.util.List;

/**
 * What came of a pre-training, in {@code pretraining.json} beside the model. Losses are nats per token.
 *
 * @param tokens tokens seen
 * @param modelSha256 of {@code model.safetensors}, lower-case hex
 * @param tokenizerSha256 of {@code tokenizer.json}, lower-case hex
 */
record PretrainReport(PretrainRecipe recipe, long parameters, int steps, long tokens, double trainSeconds,
        double heldOutLossBefore, double heldOutLossAfter, double heldOutAccuracyAfter, String modelSha256,
        String tokenizerSha256, List<Generation> generations) {

    /** A prompt and its continuation by the most probable tokens. */
    record Generation(String prompt, String continuation) {}
}
