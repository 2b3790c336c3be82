package dev.luthier.bench.train;

import dev.luthier.bench.train.input.BenchData;
import dev.luthier.bench.train.input.ModelMaker;
import dev.luthier.bench.train.report.DocumentSection;
import dev.luthier.bench.train.report.Machine;
import dev.luthier.bench.train.report.Report;
import dev.luthier.bench.train.report.Tables;
import dev.luthier.bench.train.run.Launcher;
import dev.luthier.bench.train.run.Match;
import dev.luthier.bench.train.run.MatchResult;
import dev.luthier.bench.train.run.PackChoice;
import dev.luthier.bench.train.run.Peer;
import dev.luthier.bench.train.run.Plan;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.process.TemporaryDirectory;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;

/** {@code luthier bench train}: each shape on each data set, beside each peer. Linux only. */
@Command(name = "train", description = "Speed and memory of LoRA training, in turn with TRL and PEFT. bench/run train installs them first.")
public final class TrainBench implements Callable<Integer> {
    private static final Set<String> FILE_OPTIONS = Set.of("--json", "--with", "--work");

    @Mixin
    private PlanOptions plans;

    @Option(names = "--luthier-only", description = "Measure Luthier without peers.")
    private boolean luthierOnly;

    @Option(names = "--json", paramLabel = "FILE", description = "Write all figures there.")
    private @Nullable Path json;

    @Option(names = "--with", split = ",", paramLabel = "FILE", description = "Reports of earlier runs (their --json) that the tables hold too.")
    private List<Path> earlier = List.of();

    @Option(names = "--tables-only", description = "Run nothing: only make the tables of the reports that --with names.")
    private boolean tablesOnly;

    @Option(names = "--write-docs", description = "Write the tables into docs/benchmarks.md.")
    private boolean writeDocs;

    @Option(names = "--work", paramLabel = "DIR", description = "Folder of models, data and runs (the user's cache).")
    private @Nullable Path work;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    private TrainBench() {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (!Files.isReadable(Path.of("/proc/self/status"))) {
            throw Problem.user("not_linux", "bench train stops programs and reads their memory as Linux has it.")
                    .asException();
        }
        List<Report> reports = new ArrayList<>(earlier.stream().map(Report::read).toList());
        if (!tablesOnly) {
            Report report = measure();
            if (json != null) {
                report.write(json);
            }
            reports.add(report);
        }
        String tables = Tables.markdown(reports);
        spec.commandLine().getOut().println(tables);
        if (writeDocs) {
            DocumentSection.write(Launcher.root().resolve("docs").resolve("benchmarks.md"), tables);
        }
        return 0;
    }

    private Report measure() throws IOException, InterruptedException {
        if (!luthierOnly) {
            Launcher.python();
        }
        Machine machine = Machine.here();
        List<MatchResult> matches = new ArrayList<>();
        for (Plan plan : plans.plans()) {
            for (@Nullable
            Peer peer : plans.peers(luthierOnly)) {
                matches.add(play(plan, peer));
            }
        }
        return new Report(LocalDate.now(ZoneOffset.UTC).toString(), commandLine(), machine, matches);
    }

    private MatchResult play(Plan plan, @Nullable Peer peer) throws IOException, InterruptedException {
        PrintWriter err = spec.commandLine().getErr();
        err.println(plan.shape().title() + ", " + plan.data() + (peer == null ? "" : ", beside " + peer.title()));
        Path folder = folder();
        Path model = ModelMaker.make(plan.shape(), folder.resolve("models"));
        BenchData data = BenchData.make(plan.data(), plan.shape().config().vocabSize(), plan.samples(), 1);
        Files.createDirectories(folder.resolve("runs"));
        TemporaryDirectory run = TemporaryDirectory.create(folder.resolve("runs"),
                plan.shape().label() + "-" + plan.data().label() + "-");
        MatchResult result = new Match(PackChoice.resolve(plan, model, data), peer, model, data, run.path(), line -> {
            err.println("  " + line);
            err.flush();
        }).run();
        if (result.failure() == null) {
            run.close();
        } else {
            run.keep();
            err.println("  " + result.failure() + "; see " + run.path());
        }
        return result;
    }

    private Path folder() {
        if (work != null) {
            return work.toAbsolutePath();
        }
        String cache = System.getenv("XDG_CACHE_HOME");
        Path root = cache == null || cache.isEmpty()
                ? Path.of(System.getProperty("user.home"), ".cache")
                : Path.of(cache);
        return root.resolve("luthier").resolve("bench");
    }

    /** What was asked for, without where files go: that is the matter of one machine. */
    private String commandLine() {
        StringBuilder line = new StringBuilder("bench/run train");
        for (OptionSpec option : spec.commandLine().getParseResult().matchedOptions()) {
            if (!FILE_OPTIONS.contains(option.longestName())) {
                line.append(' ').append(option.longestName());
                if (option.arity().max() > 0) {
                    line.append(' ').append(String.join(",", option.originalStringValues()));
                }
            }
        }
        return line.toString();
    }
}
