package dev.luthier.server.job;

import dev.luthier.core.data.SampleOrder;
import dev.luthier.core.data.TrainingLength;
import dev.luthier.server.job.FileDataCheck.CheckedFile;
import dev.luthier.server.model.BaseModel;
import java.util.List;

/**
 * Resolves steps, epochs and token counts from the samples that are really there.
 *
 * <p>The tokens of a run are counted by walking the same order of samples that the trainer will walk; of very long runs
 * the first {@value #WALKED} samples are walked and the rest is taken to be like them.
 */
final class DataPlanner {
    private static final long WALKED = 2_000_000;
    private static final int MAX_AUTO_EPOCHS = 3;
    /** Samples that a run of OpenAI's dialect sees at most when its epochs are left open and it has more than one. */
    private static final int AUTO_SAMPLES = 30_000;

    private final int samplesPerStep;
    private final int microBatchTokens;
    private final StepTimes stepTimes;

    /**
     * @param samplesPerStep of requests that do not say; data with fewer samples has all of them in a step
     * @param stepTimes what was measured on this host
     */
    DataPlanner(int samplesPerStep, int microBatchTokens, StepTimes stepTimes) {
        this.samplesPerStep = samplesPerStep;
        this.microBatchTokens = microBatchTokens;
        this.stepTimes = stepTimes;
    }

    /**
     * @throws dev.luthier.core.problem.ProblemException USER, when epochs come to more steps than there can be
     */
    JobPlan plan(JobRequest request, BaseModel base, int maxSampleTokens, List<CheckedFile> training,
            List<CheckedFile> validation) {
        SampleOrder order = new SampleOrder(training.stream()
                .map(file -> new SampleOrder.Source(file.lengths().count(), file.file().weight())).toList(),
                request.seed());
        Hyperparameters given = request.hyperparameters();
        int wanted = given.samplesPerStep() == null ? samplesPerStep : given.samplesPerStep();
        double rate = given.learningRate() == null ? LearningRates.suiting(base) : given.learningRate();
        int perStep = Math.clamp(Math.round(order.samplesPerEpoch()), 1, wanted);
        Double epochs = given.epochs() == null && request.followsOpenAi()
                ? Double.valueOf(autoEpochs(order.samplesPerEpoch()))
                : given.epochs();
        TrainingLength length = TrainingLength.of(order.samplesPerEpoch(), perStep, given.steps(), epochs);
        long trainTokens = trainTokens(order, training, (long) length.steps() * perStep);
        JobPlan plan = new JobPlan(length.steps(), length.epochs(), perStep, maxSampleTokens, microBatchTokens, rate,
                samples(training), samples(validation), skipped(training) + skipped(validation),
                training.stream().mapToLong(file -> file.tokens().total()).sum(),
                Math.round((double) trainTokens / length.steps()), trainTokens,
                training.stream().mapToInt(file -> file.tokens().longest()).max().orElse(0), null);
        return stepTimes.seconds(base, plan).map(plan::withExpectedSeconds).orElse(plan);
    }

    /** Three epochs, or as many as stay within {@value #AUTO_SAMPLES} samples, but at least one. */
    static int autoEpochs(double samplesPerEpoch) {
        return Math.clamp((long) (AUTO_SAMPLES / samplesPerEpoch), 1, MAX_AUTO_EPOCHS);
    }

    private static long trainTokens(SampleOrder order, List<CheckedFile> files, long visits) {
        long walked = Math.min(visits, WALKED);
        long tokens = 0;
        for (long position = 0; position < walked; position++) {
            SampleOrder.Visit visit = order.at(position);
            tokens += files.get(visit.file()).lengths().get(visit.sample());
        }
        return walked == visits ? tokens : Math.round(tokens * ((double) visits / walked));
    }

    private static long samples(List<CheckedFile> files) {
        return files.stream().mapToLong(file -> file.report().validSamples()).sum();
    }

    private static long skipped(List<CheckedFile> files) {
        return files.stream().mapToLong(file -> file.report().faultySamples()).sum();
    }
}
