package dev.luthier.server.job;

import dev.luthier.core.data.DataEncoding;
import dev.luthier.core.data.DataFault;
import dev.luthier.core.data.DataReport;
import dev.luthier.core.data.DataReport.TokenCounts;
import dev.luthier.core.data.EncodingProcess;
import dev.luthier.core.plan.Arithmetic;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.run.Task;
import dev.luthier.server.job.JobEvent.Level;
import dev.luthier.server.model.BaseModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.IntStream;

/** Has the files encoded with the base model's tokenizer and template, in a process that may die, and plans. */
final class FileDataCheck implements DataCheck {
    private static final int LISTED_FAULTS = 50;
    private static final Note OF_PREFERENCES = new Note(Level.INFO,
            "What shows that a preference training goes well is a"
                    + " growing reward_margin. reward_chosen often falls all the same: then both answers become less likely, the"
                    + " rejected one the faster.",
            Map.of());

    private final Prerequisites prerequisites;
    private final Function<UUID, Path> bytesOfFile;
    private final DataPlanner planner;
    private final EncodingProcess encodings;
    private final int threads;
    private final int lineSeconds;

    /**
     * @param threads that encode
     * @param lineSeconds how long the chat template, and the tokenizer, may each take for one line
     */
    FileDataCheck(Prerequisites prerequisites, Function<UUID, Path> bytesOfFile, DataPlanner planner,
            EncodingProcess encodings, int threads, int lineSeconds) {
        this.prerequisites = prerequisites;
        this.bytesOfFile = bytesOfFile;
        this.planner = planner;
        this.encodings = encodings;
        this.threads = threads;
        this.lineSeconds = lineSeconds;
    }

    @Override
    public Result check(JobRequest request) throws InterruptedException {
        prerequisites.missing(request).ifPresent(problem -> {
            throw problem.asException();
        });
        BaseModel base = prerequisites.base(request);
        int maxSampleTokens = maxSampleTokens(request, base);
        List<CheckedFile> training = new ArrayList<>();
        List<CheckedFile> validation = new ArrayList<>();
        Set<Note> notes = new LinkedHashSet<>();
        for (JobFile file : request.trainingFiles()) {
            training.add(read(request, file, base, maxSampleTokens, notes));
        }
        for (JobFile file : request.validationFiles()) {
            validation.add(read(request, file, base, maxSampleTokens, notes));
        }
        List<CheckedFile> all = new ArrayList<>(training);
        all.addAll(validation);
        Task task = DataPlanner.task(request);
        Optional<Problem> unsuited = SuitableFormat.fault(request, task, all);
        if (unsuited.isPresent()) {
            return new Result.Invalid(unsuited.get(), Map.of());
        }
        List<CheckedFile> failing = all.stream().filter(file -> !file.passes(request.skipInvalidShare())).toList();
        if (!failing.isEmpty()) {
            return invalid(failing, request);
        }
        long samples = training.stream().mapToLong(file -> file.report().validSamples()).sum();
        long least = request.rules().leastSamples();
        if (samples < least) {
            return new Result.Invalid(Problem.user("invalid_n_examples", "Training file has " + samples
                    + " example(s), but must have at least " + least + " examples", JobRequest.TRAINING),
                    Map.of());
        }
        Double rate = request.hyperparameters().learningRate();
        notes.addAll(rate == null ? List.of() : LearningRates.notes(rate, base, task));
        if (task instanceof Task.Preference) {
            notes.add(OF_PREFERENCES);
        }
        all.stream().filter(file -> file.report().faultySamples() > 0).map(FileDataCheck::skipped).forEach(notes::add);
        JobPlan plan = planner.plan(request, base, maxSampleTokens, training, validation);
        Arithmetic arithmetic = plan.arithmetic();
        if (arithmetic != null) {
            notes.add(new Note(arithmetic.muchSlower() ? Level.WARN : Level.INFO, arithmetic.explain(), Map.of()));
        }
        if (plan.expectedSeconds() == null) {
            notes.add(new Note(Level.INFO, "How long the job takes is not known: " + base.name()
                    + " was not measured on this machine with these settings yet. It will be once no run is active.",
                    Map.of()));
        }
        return new Result.Valid(plan, List.copyOf(notes));
    }

    private static int maxSampleTokens(JobRequest request, BaseModel base) {
        Integer given = request.hyperparameters().maxSampleTokens();
        int wanted = given == null ? request.training().maxSampleTokens() : given;
        return wanted == 0 ? base.contextTokens() : wanted;
    }

    private CheckedFile read(JobRequest request, JobFile file, BaseModel base, int maxSampleTokens, Set<Note> notes)
            throws InterruptedException {
        SampleLengths lengths = new SampleLengths();
        try {
            DataEncoding.Result result = encodings
                    .encode(new DataEncoding(base.directory(), bytesOfFile.apply(file.id()), List.of(),
                            maxSampleTokens, threads, lineSeconds), lengths::add);
            result.notes().forEach(note -> notes
                    .add(new Note(note.isWarning() ? Level.WARN : Level.INFO, note.text(), Map.of())));
            return new CheckedFile(file, result.report(), lengths);
        } catch (ProblemException e) {
            if (e.problem().code().equals(EncodingProcess.POISON)) {
                throw new ProblemException(Problem.user("invalid_data",
                        "The data is not valid. In file " + file.id() + ": " + e.problem().message(),
                        request.role(file)), e);
            }
            throw e;
        }
    }

    private static Result.Invalid invalid(List<CheckedFile> files, JobRequest request) {
        double skipShare = request.skipInvalidShare();
        List<Map<String, Object>> faults = new ArrayList<>();
        List<String> summaries = new ArrayList<>();
        long total = 0;
        for (CheckedFile file : files) {
            summaries.add("file " + file.file().id() + ": " + file.complaint());
            total += Math.max(1, file.report().faultCount());
            faults.addAll(listed(file, LISTED_FAULTS - faults.size()));
        }
        String advice = skipShare > 0
                ? " More samples are faulty than invalid_sample_skip_percentage " + skipShare + " allows."
                : "";
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("faults", faults);
        facts.put("total_faults", total);
        return new Result.Invalid(Problem.user("invalid_data",
                "The data is not valid. In " + String.join("; in ", summaries) + advice,
                request.role(files.getFirst().file())), facts);
    }

    private static List<Map<String, Object>> listed(CheckedFile file, int room) {
        List<Map<String, Object>> listed = new ArrayList<>();
        for (DataFault fault : file.report().faults().stream().limit(Math.max(0, room)).toList()) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("file_id", file.file().id());
            entry.put("line", fault.line());
            entry.put("pointer", fault.pointer());
            entry.put("message", fault.message());
            listed.add(entry);
        }
        return listed;
    }

    private static Note skipped(CheckedFile file) {
        DataReport report = file.report();
        return new Note(Level.WARN,
                report.faultySamples() + " of " + report.samples() + " samples of file " + file.file().id()
                        + " are left out: " + report.summary(),
                Map.of("file_id", file.file().id().toString(), "skipped_samples", report.faultySamples(), "faults",
                        listed(file, LISTED_FAULTS)));
    }

    /**
     * A file that was read to its end.
     *
     * @param lengths tokens of the sequences of its valid samples, in the order of the file
     */
    record CheckedFile(JobFile file, DataReport report, SampleLengths lengths) {

        /** Sequences of a sample. */
        int sequences() {
            return report.format() == null ? 1 : report.format().sequences();
        }

        /** Valid samples. */
        int samples() {
            return lengths.count() / sequences();
        }

        /** Tokens of a sample, of all its sequences. */
        int length(int sample) {
            int length = 0;
            for (int i = 0; i < sequences(); i++) {
                length += lengths.get(sample * sequences() + i);
            }
            return length;
        }

        /** Tokens of the longest sample, of all its sequences. */
        int longestSample() {
            return IntStream.range(0, samples()).map(this::length).max().orElse(0);
        }

        boolean passes(double skipShare) {
            return report.passes(skipShare) && tokens().targets() > 0;
        }

        TokenCounts tokens() {
            return Objects.requireNonNull(report.tokens());
        }

        /** Why the file does not pass. */
        String complaint() {
            return report.isValid() && tokens().targets() == 0
                    ? "no token counts in the loss. Give it assistant messages whose weight is not 0."
                    : report.summary();
        }
    }
}
