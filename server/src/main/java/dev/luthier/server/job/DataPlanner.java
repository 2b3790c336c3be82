package dev.luthier.server.job;

import dev.luthier.core.data.MetricPoints;
import dev.luthier.core.data.SampleOrder;
import dev.luthier.core.data.TrainingLength;
import dev.luthier.core.plan.Arithmetic;
import dev.luthier.core.plan.MemoryPlanner;
import dev.luthier.core.plan.PackLengths;
import dev.luthier.core.run.Task;
import dev.luthier.server.job.FileDataCheck.CheckedFile;
import dev.luthier.server.model.BaseModel;
import java.util.List;
import java.util.stream.Stream;

/** Resolves steps, epochs, memory and duration from the samples that are really there. */
final class DataPlanner {
    private static final int MAX_AUTO_EPOCHS = 3;
    /** Samples that a run sees at most when its epochs are chosen for it and it has more than one. */
    private static final int AUTO_SAMPLES = 30_000;

    /** Samples of a step at most, however few tokens they have. */
    private static final int MAX_SAMPLES_PER_STEP = 65_536;

    private final StepTimes stepTimes;
    private final RunMemory memory;
    private final MachineArithmetic machine;

    /** @param stepTimes what was measured on this host */
    DataPlanner(StepTimes stepTimes, RunMemory memory, MachineArithmetic machine) {
        this.stepTimes = stepTimes;
        this.memory = memory;
        this.machine = machine;
    }

    /**
     * @throws dev.luthier.core.problem.ProblemException USER, when epochs come to more steps than there can be, or the
     *     training needs more memory than there is
     */
    JobPlan plan(JobRequest request, BaseModel base, int maxSampleTokens, List<CheckedFile> training,
            List<CheckedFile> validation) {
        SampleOrder order = new SampleOrder(training.stream()
                .map(file -> new SampleOrder.Source(file.samples(), file.file().weight())).toList(),
                request.seed());
        Hyperparameters given = request.hyperparameters();
        TrainingSettings settings = request.training();
        int wanted = given.samplesPerStep() == null
                ? samplesPerStep(settings, order, training)
                : given.samplesPerStep();
        Task task = task(request);
        double rate = given.learningRate() == null ? LearningRates.suiting(base, task) : given.learningRate();
        int perStep = Math.clamp(Math.round(order.samplesPerEpoch()), 1, wanted);
        Double epochs = given.epochs() == null && request.rules().choosesEpochs()
                ? Double.valueOf(autoEpochs(order.samplesPerEpoch()))
                : given.epochs();
        TrainingLength length = TrainingLength.of(order.samplesPerEpoch(), perStep, given.steps(), epochs);
        int measurements = new MetricPoints(length.steps(),
                TrainingLength.stepsPerEpoch(order.samplesPerEpoch(), perStep), settings.selection().evaluations())
                .count();
        Arithmetic arithmetic = machine.choose(base, settings.baseType(), settings.quantization());
        TrainingWork work = WorkCount.of(order, training, validation, (long) length.steps() * perStep, measurements,
                task instanceof Task.Preference, memory.reuseTokens(base, settings, arithmetic));
        long trainTokens = work.steps().all().tokens();
        int longest = Stream.concat(training.stream(), validation.stream())
                .mapToInt(file -> file.tokens().longest()).max().orElse(0);
        int longestSample = Stream.concat(training.stream(), validation.stream())
                .mapToInt(CheckedFile::longestSample).max().orElse(0);
        MemoryPlanner.Choice choice = memory.choose(base, settings, arithmetic,
                request.startModel() == null, new MemoryPlanner.Longest(longest, longestSample),
                packs(settings, arithmetic, order, training, perStep));
        JobPlan plan = new JobPlan(task, length.steps(), length.epochs(), perStep, maxSampleTokens, choice.packTokens(),
                rate,
                samples(training), samples(validation), skipped(training) + skipped(validation),
                training.stream().mapToLong(file -> file.tokens().total()).sum(),
                Math.round((double) trainTokens / length.steps()), trainTokens, longest, null, choice.tier(),
                choice.peakBytes(), null, work, arithmetic.with(choice.quantization()));
        return stepTimes.estimate(base, settings, plan).map(plan::with).orElse(plan);
    }

    /** What a request asks for, with what it leaves open decided. */
    static Task task(JobRequest request) {
        return switch (request.method()) {
            case Method.Supervised _ -> Task.SUPERVISED;
            case Method.Preference preference -> new Task.Preference(
                    preference.beta() == null ? Task.Preference.BETA : preference.beta(),
                    request.training().dpoSftWeight(), request.training().dpoLengthNormalized());
            case Method.Classification _ -> throw new UnsupportedOperationException("classification");
        };
    }

    /** Tokens of micro-batches to choose from, the fastest first. */
    private static List<Integer> packs(TrainingSettings settings, Arithmetic arithmetic, SampleOrder order,
            List<CheckedFile> files, int perStep) {
        return settings.packTokens() > 0
                ? List.of(settings.packTokens())
                : PackLengths.suiting(arithmetic.baseType(), order,
                        visit -> files.get(visit.file()).length(visit.sample()), perStep);
    }

    /**
     * Samples that have the tokens of a step, on average, or the sequences of a step: of preference pairs half as many as of
     * other samples. Data with fewer has all of them in a step.
     */
    private static int samplesPerStep(TrainingSettings settings, SampleOrder order, List<CheckedFile> files) {
        if (settings.batchTokens() == 0) {
            return Math.max(1, settings.samplesPerStep() / files.getFirst().sequences());
        }
        long epoch = Math.max(1, Math.round(order.samplesPerEpoch()));
        double tokensPerSample = (double) WorkCount.epoch(order, files).tokens() / epoch;
        return Math.clamp(Math.round(settings.batchTokens() / tokensPerSample), 1, MAX_SAMPLES_PER_STEP);
    }

    /** Three epochs, or as many as stay within {@value #AUTO_SAMPLES} samples, but at least one. */
    static int autoEpochs(double samplesPerEpoch) {
        return Math.clamp((long) (AUTO_SAMPLES / samplesPerEpoch), 1, MAX_AUTO_EPOCHS);
    }

    private static long samples(List<CheckedFile> files) {
        return files.stream().mapToLong(file -> file.report().validSamples()).sum();
    }

    private static long skipped(List<CheckedFile> files) {
        return files.stream().mapToLong(file -> file.report().faultySamples()).sum();
    }
}
