package dev.luthier.core.run;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

import dev.luthier.core.problem.Problem;
import org.jspecify.annotations.Nullable;

/** How an attempt ended, in {@code outcome.json}. A run without one was killed or is still going on. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "outcome")
@JsonSubTypes({@JsonSubTypes.Type(value = Outcome.Trained.class, name = "trained"),
        @JsonSubTypes.Type(value = Outcome.Paused.class, name = "paused"),
        @JsonSubTypes.Type(value = Outcome.Cancelled.class, name = "cancelled"),
        @JsonSubTypes.Type(value = Outcome.Failed.class, name = "failed"),
        @JsonSubTypes.Type(value = Outcome.Blocked.class, name = "blocked")})
public sealed interface Outcome {

    /**
     * The adapter is in {@code adapter/}.
     *
     * @param adapterSha256 lower-case hex of {@code adapter/adapter_model.safetensors}
     * @param steps that were made
     * @param trainedTokens tokens of all samples of all steps, targets and context alike
     * @param selected when the adapter is that of the best evaluation; null when it is the last step's
     */
    record Trained(String adapterSha256, int steps, long trainedTokens, double trainLoss, double trainSeconds,
            @Nullable Selected selected) implements Outcome {}

    /**
     * The evaluation whose adapter a run ended with.
     *
     * @param validLoss mean over the target tokens of the validation samples, in nats
     * @param stepsSaved planned steps that were not made, since the run had stopped to gain
     */
    record Selected(int step, double validLoss, int stepsSaved) {}

    /** A checkpoint of {@code step} is written; another attempt goes on from there. */
    record Paused(int step) implements Outcome {}

    record Cancelled(int step) implements Outcome {}

    record Failed(Problem problem) implements Outcome {}

    /**
     * The disk did not take what the run had to write. Nothing is lost: another attempt goes on from the last checkpoint
     * once the fault is over.
     *
     * @param problem of a {@link dev.luthier.core.storage.StorageFault}
     * @param neededBytes that must be free for the run to go on; 0 when that is not known
     */
    record Blocked(Problem problem, long neededBytes) implements Outcome {}
}
