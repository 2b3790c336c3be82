package dev.luthier.cli;

import dev.luthier.core.chat.TemplateNote;
import dev.luthier.core.data.DataEncoding;
import dev.luthier.core.data.DataFault;
import dev.luthier.core.data.DataReport;
import dev.luthier.core.data.EncodingProcess;
import dev.luthier.core.data.FormatCheck;
import dev.luthier.core.file.RegularFiles;
import dev.luthier.core.json.Json;
import dev.luthier.core.model.ModelDirectory;
import dev.luthier.core.plan.SampleWork;
import dev.luthier.core.problem.Problem;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Checks training data without a server, as an upload does, and with a model also as a job does. Exit status 0 only if
 * there is no fault.
 */
@Command(name = "validate", description = "Check training data and name every fault with its line.")
final class ValidateCommand implements Callable<Integer> {
    /** Samples that a training file of OpenAI's dialect has at least. */
    private static final int OPENAI_SAMPLES = 10;
    /** How long the chat template, and the tokenizer, may each take for one line. */
    private static final int LINE_SECONDS = 60;

    @Parameters(paramLabel = "FILE", arity = "1..*", description = "JSON Lines: messages, or text; - is standard input.")
    private List<String> files = List.of();

    @Option(names = "--model", paramLabel = "MODEL", description = "Also encode every sample for this model (a directory, or the name of a model of the data directory or the running server): token counts, over-long samples, the memory of a training.")
    private @Nullable String model;

    @Option(names = "--max-tokens", paramLabel = "N", description = "Longest sample (the model's context); needs --model.")
    private @Nullable Integer maxTokens;

    @Option(names = "--probe", description = "Also measure steps of a training on this machine, which takes a minute or more; needs --model.")
    private boolean probe;

    @Option(names = "--json", description = "Print the report as JSON.")
    private boolean json;

    @CommandLine.Mixin
    private Connection connection = new Connection();

    /** Tokens of each valid sample of a file. */
    private int[] lengths = {};
    private List<TemplateNote> notes = List.of();

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (model == null && (maxTokens != null || probe)) {
            throw new CommandLine.ParameterException(spec.commandLine(),
                    (probe ? "--probe" : "--max-tokens") + " needs --model.");
        }
        ModelDirectory directory = model == null ? null : ModelDirectory.open(new ModelLookup(connection).find(model));
        for (String name : files) {
            if (!name.equals("-") && !Files.isRegularFile(Path.of(name))) {
                throw Problem.user("no_file", name + " is not a file.").asException();
            }
        }
        ArrayNode reports = Json.MAPPER.createArrayNode();
        boolean valid = true;
        for (String name : files) {
            Path file = name.equals("-") ? standardInput() : Path.of(name);
            try {
                valid &= validate(name.equals("-") ? "standard input" : name, file, directory, reports);
            } finally {
                if (name.equals("-")) {
                    Files.delete(file);
                }
            }
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(Json.writePretty(files.size() == 1 ? reports.get(0) : reports));
        }
        out.flush();
        return valid ? 0 : 1;
    }

    /** A file of the bytes of standard input, since data is read more than once. */
    private static Path standardInput() throws IOException {
        Path file = Files.createTempFile("luthier-validate", ".jsonl");
        Files.copy(System.in, file, StandardCopyOption.REPLACE_EXISTING);
        return file;
    }

    /** Whether a file has no fault; adds its report, or prints it. */
    private boolean validate(String name, Path file, @Nullable ModelDirectory directory, ArrayNode reports)
            throws IOException, InterruptedException {
        lengths = new int[0];
        notes = List.of();
        DataReport report = directory == null ? FormatCheck.of(RegularFiles.open(file)) : encode(file, directory);
        TrainingEstimate training = directory == null ? null : training(directory, report);
        if (json) {
            ObjectNode all = reports.addObject().put("file", name);
            all.setAll((ObjectNode) Json.MAPPER.valueToTree(report));
            all.set("notes", Json.MAPPER.valueToTree(notes.stream().map(TemplateNote::text).toList()));
            all.set("training", Json.MAPPER.valueToTree(training));
            return report.isValid();
        }
        PrintWriter out = spec.commandLine().getOut();
        print(name, report, out);
        if (training != null) {
            out.println(training.describe());
        }
        if (report.isValid() && report.samples() < OPENAI_SAMPLES) {
            out.println("note: a training file of OpenAI's dialect needs at least " + OPENAI_SAMPLES
                    + " samples; Mistral's takes any number");
        }
        return report.isValid();
    }

    private DataReport encode(Path file, ModelDirectory directory) throws InterruptedException {
        int longest = maxTokens == null ? directory.config().maxPositions() : maxTokens;
        try (EncodingProcess encodings = new EncodingProcess(Path.of(System.getProperty("java.io.tmpdir")),
                Duration.ZERO)) {
            IntStream.Builder found = IntStream.builder();
            DataEncoding.Result result = encodings.encode(new DataEncoding(directory.path(), file, List.of(), longest,
                    Runtime.getRuntime().availableProcessors(), LINE_SECONDS),
                    found::add);
            lengths = found.build().toArray();
            notes = result.notes();
            return result.report();
        }
    }

    /** Null when there is no sample to train on. */
    private @Nullable TrainingEstimate training(ModelDirectory directory, DataReport report)
            throws IOException, InterruptedException {
        DataReport.TokenCounts tokens = report.tokens();
        if (tokens == null || tokens.longest() == 0) {
            return null;
        }
        int sequences = report.format() == null ? 1 : report.format().sequences();
        int[] samples = IntStream.range(0, lengths.length / sequences)
                .map(sample -> Arrays.stream(lengths, sample * sequences, (sample + 1) * sequences).sum()).toArray();
        TrainingEstimate planned = TrainingEstimate.plan(directory, StepProbe.baseType(directory), samples,
                tokens.longest(), sequences);
        if (!probe || planned.memoryTier() == null) {
            return planned;
        }
        double pairs = Arrays.stream(lengths).mapToDouble(each -> (double) each * each).sum();
        SampleWork work = new SampleWork(tokens.total(), tokens.targets(), pairs);
        return planned.timed(StepProbe.run(directory, tokens.longest(), planned), report.validSamples(), work);
    }

    private void print(String name, DataReport report, PrintWriter out) {
        List<DataFault> faults = report.faults();
        faults.forEach(out::println);
        if (report.faultCount() > faults.size()) {
            out.println("... and " + (report.faultCount() - faults.size()) + " more");
        }
        out.println(name + ": " + (report.isValid()
                ? report.summary()
                : report.faultCount() + (report.faultCount() == 1 ? " fault" : " faults") + " in "
                        + report.faultySamples() + " of " + report.samples() + " samples"));
        DataReport.TokenCounts tokens = report.tokens();
        if (tokens != null && tokens.total() > 0) {
            out.println(tokens.total() + " tokens, " + tokens.targets() + " of them targets; the longest sample has "
                    + tokens.longest() + " (line " + tokens.longestLine() + ")");
        }
        notes.forEach(note -> out.println((note.isWarning() ? "warning: " : "note: ") + note.text()));
    }
}
