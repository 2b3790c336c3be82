package dev.luthier.core.run;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One line of {@code progress.jsonl}. Attempts count from 1; {@code sequence} counts lines of one attempt from 1; a
 * later attempt's line supersedes an earlier attempt's of the same kind and step. Times are epoch milliseconds, losses
 * are nats per target token, or what the run's task has in their place.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({@JsonSubTypes.Type(value = Progress.Started.class, name = "started"),
        @JsonSubTypes.Type(value = Progress.Step.class, name = "step"),
        @JsonSubTypes.Type(value = Progress.Metric.class, name = "metric"),
        @JsonSubTypes.Type(value = Progress.Snapshot.class, name = "snapshot"),
        @JsonSubTypes.Type(value = Progress.Note.class, name = "note")})
public sealed interface Progress {
    int attempt();

    long sequence();

    long timeMillis();

    /** The model is loaded and the first step is about to be made. {@code resumedFromStep} is 0 on a fresh start. */
    record Started(int attempt, long sequence, long timeMillis, int resumedFromStep, int totalSteps, String cpu,
            String libtorch, int threads) implements Progress {}

    /**
     * One optimizer update.
     *
     * @param loss mean over the target tokens of the step
     * @param accuracy share of target tokens whose most likely prediction is right, 0 to 1
     * @param gradientNorm global L2 norm before clipping
     * @param tokens cumulative tokens of all steps up to this one
     * @param tokensPerSecond of this step
     * @param epoch passes over the data so far
     * @param figures what else the run's task measures, by name
     */
    record Step(int attempt, long sequence, long timeMillis, int step, int totalSteps, double loss, double accuracy,
            double learningRate, double gradientNorm, long tokens, double tokensPerSecond,
            double epoch, Map<String, Double> figures) implements Progress {
        public Step {
            figures = Collections.unmodifiableMap(new TreeMap<>(figures));
        }
    }

    /**
     * A metric point: every 10 % of progress, at least 10 steps apart, at the end of each epoch and at the last step.
     * It stands before the line of its step.
     *
     * @param trainLoss mean over the steps since the last point
     * @param validLoss over all validation files; null without any, as is {@code validAccuracy}
     * @param epoch the epoch that ends with this step, from 1; null when none does
     * @param figures what else the run's task measures on the validation files, by name
     */
    record Metric(int attempt, long sequence, long timeMillis, int step, double trainLoss, @Nullable Double validLoss,
            @Nullable Double validAccuracy, @Nullable Integer epoch,
            Map<String, Double> figures) implements Progress {
        public Metric {
            figures = Collections.unmodifiableMap(new TreeMap<>(figures));
        }
    }

    /** An epoch's adapter, in PEFT layout, usable as a model. {@code directory} is relative to the run directory. */
    record Snapshot(int attempt, long sequence, long timeMillis, int step, int epoch,
            String directory) implements Progress {}

    /** Something a person should know. {@code level} is {@code info} or {@code warn}. */
    record Note(int attempt, long sequence, long timeMillis, String level, String message) implements Progress {}
}
