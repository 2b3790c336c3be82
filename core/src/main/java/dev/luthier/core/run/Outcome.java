package dev.luthier.core.run;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

import dev.luthier.core.problem.Problem;

/** How an attempt ended, in {@code outcome.json}. A run without one was killed or is still going on. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "outcome")
@JsonSubTypes({@JsonSubTypes.Type(value = Outcome.Trained.class, name = "trained"),
        @JsonSubTypes.Type(value = Outcome.Paused.class, name = "paused"),
        @JsonSubTypes.Type(value = Outcome.Cancelled.class, name = "cancelled"),
        @JsonSubTypes.Type(value = Outcome.Failed.class, name = "failed")})
public sealed interface Outcome {

    /**
     * The adapter is in {@code adapter/}.
     *
     * @param adapterSha256 lower-case hex of {@code adapter/adapter_model.safetensors}
     * @param trainedTokens tokens of all samples of all steps, targets and context alike
     */
    record Trained(String adapterSha256, int steps, long trainedTokens, double trainLoss,
            double trainSeconds) implements Outcome {}

    /** A checkpoint of {@code step} is written; another attempt goes on from there. */
    record Paused(int step) implements Outcome {}

    record Cancelled(int step) implements Outcome {}

    record Failed(Problem problem) implements Outcome {}
}
