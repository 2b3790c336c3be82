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
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/**
 * Checks training data without a server, as an upload does, and with a model also as a job does. Exit status 0 only if
 * there is no fault.
 */
@Command(name = "validate", description = "Check training data and name every fault with its line.")
final class ValidateCommand implements Callable<Integer> {
    /** How long the chat template, and the tokenizer, may each take for one line. */
    private static final int LINE_SECONDS = 60;

    @Parameters(paramLabel = "FILE", description = "JSON Lines: messages, or text.")
    private Path file;

    @Option(names = "--model", paramLabel = "DIR", description = "Also encode every sample for this model directory: token counts, over-long samples, the memory of a training.")
    private @Nullable Path model;

    @Option(names = "--max-tokens", paramLabel = "N", description = "Longest sample (the model's context); needs --model.")
    private @Nullable Integer maxTokens;

    @Option(names = "--probe", description = "Also measure steps of a training on this machine, which takes a minute or more; needs --model.")
    private boolean probe;

    @Option(names = "--json", description = "Print the report as JSON.")
    private boolean json;

    /** Sum of the squared lengths of the samples, in tokens. */
    private double pairs;
    private List<TemplateNote> notes = List.of();

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (model == null && (maxTokens != null || probe)) {
            throw new CommandLine.ParameterException(spec.commandLine(),
                    (probe ? "--probe" : "--max-tokens") + " needs --model.");
        }
        if (!Files.isRegularFile(file)) {
            throw Problem.user("no_file", file + " is not a file.").asException();
        }
        ModelDirectory directory = model == null ? null : ModelDirectory.open(model);
        DataReport report = directory == null ? FormatCheck.of(RegularFiles.open(file)) : encode(directory);
        TrainingEstimate training = directory == null ? null : training(directory, report);
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            ObjectNode all = Json.MAPPER.valueToTree(report);
            all.set("notes", Json.MAPPER.valueToTree(notes.stream().map(TemplateNote::text).toList()));
            all.set("training", Json.MAPPER.valueToTree(training));
            out.println(Json.writePretty(all));
        } else {
            print(report, out);
            if (training != null) {
                out.println(training.describe());
            }
        }
        out.flush();
        return report.isValid() ? 0 : 1;
    }

    private DataReport encode(ModelDirectory directory) throws InterruptedException {
        int longest = maxTokens == null ? directory.config().maxPositions() : maxTokens;
        try (EncodingProcess encodings = new EncodingProcess(Path.of(System.getProperty("java.io.tmpdir")),
                Duration.ZERO)) {
            DataEncoding.Result result = encodings.encode(new DataEncoding(directory.path(), file, longest,
                    Runtime.getRuntime().availableProcessors(), LINE_SECONDS),
                    tokens -> pairs += Math.pow(tokens, 2));
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
        TrainingEstimate planned = TrainingEstimate.plan(directory, StepProbe.baseType(directory), report,
                tokens);
        String tier = planned.memoryTier();
        if (!probe || tier == null) {
            return planned;
        }
        SampleWork work = new SampleWork(tokens.total(), tokens.targets(), pairs);
        return planned.timed(StepProbe.run(directory, planned.baseType(), tokens.longest(), tier),
                report.validSamples(), work);
    }

    private void print(DataReport report, PrintWriter out) {
        List<DataFault> faults = report.faults();
        faults.forEach(out::println);
        if (report.faultCount() > faults.size()) {
            out.println("... and " + (report.faultCount() - faults.size()) + " more");
        }
        out.println(file + ": " + (report.isValid()
                ? report.summary()
                : report.faultCount() + (report.faultCount() == 1 ? " fault" : " faults") + " in "
                        + report.faultySamples() + " of " + report.samples() + " samples"));
        DataReport.TokenCounts tokens = report.tokens();
        if (tokens != null) {
            out.println(tokens.total() + " tokens, " + tokens.targets() + " of them targets; the longest sample has "
                    + tokens.longest() + " (line " + tokens.longestLine() + ")");
        }
        notes.forEach(note -> out.println((note.isWarning() ? "warning: " : "note: ") + note.text()));
    }
}
