package dev.luthier.conformance;

import dev.luthier.core.command.Choice;
import dev.luthier.core.command.Program;
import dev.luthier.core.process.TemporaryDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * {@code conformance/run [suite...]}: runs suites one after another against a fresh server and says what came of it.
 * Without arguments it runs all of them and writes docs/compatibility.md. Its exit code is 1 when one of them fails, and
 * 2 when its arguments are wrong.
 */
@Command(name = "conformance/run", description = "Runs the suites of the official SDKs against a fresh server. All of them together write docs/compatibility.md.")
public final class Run implements Callable<Integer> {
    private static final Duration LIMIT = Duration.ofMinutes(30);

    @Parameters(paramLabel = "SUITE", arity = "0..*", description = "Suites to run (all): ${COMPLETION-CANDIDATES}.", completionCandidates = Labels.class)
    private List<Suite> suites = List.of();

    private Run() {}

    /** The names of the suites. */
    private static final class Labels extends ArrayList<String> {
        private static final long serialVersionUID = 1L;

        Labels() {
            super(Arrays.stream(Suite.values()).map(Suite::label).toList());
        }
    }

    /** The program. */
    public static void main(String[] arguments) {
        System.exit(Program.of(new Run()).registerConverter(Suite.class, Choice.of(Suite.class, Suite::label))
                .execute(arguments));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        boolean all = suites.isEmpty();
        List<SuiteResult> results = run(all ? List.of(Suite.values()) : suites);
        if (all) {
            String system = System.getProperty("os.name") + " " + System.getProperty("os.arch");
            Path page = LiveServer.ROOT.resolve("docs/compatibility.md");
            Files.writeString(page, CompatibilityPage.of(results, LocalDate.now(ZoneOffset.UTC), system));
            System.out.println("wrote " + LiveServer.ROOT.relativize(page));
        }
        return results.stream().allMatch(result -> result.faults().isEmpty()) ? 0 : 1;
    }

    private static List<SuiteResult> run(List<Suite> suites) throws IOException, InterruptedException {
        List<SuiteResult> results = new ArrayList<>();
        TemporaryDirectory temporary = TemporaryDirectory.create("luthier-conformance-");
        Path folder = temporary.path();
        System.out.println("starting the servers in " + folder);
        try (Fixture fixture = Fixture.start(folder)) {
            System.out.println("uploading a file of " + LargeFile.BYTES + " bytes in parts");
            fixture.addLargeFile();
            for (Suite suite : suites) {
                long start = System.nanoTime();
                SuiteResult result = SuiteRunner.run(suite, fixture.environment(), LIMIT);
                report(result, Duration.ofNanos(System.nanoTime() - start), folder);
                results.add(result);
                fixture.cancelLeftovers();
            }
        }
        if (!results.stream().allMatch(result -> result.faults().isEmpty())) {
            temporary.keep(); // for its logs
        }
        temporary.close();
        return results;
    }

    private static void report(SuiteResult result, Duration time, Path folder) throws IOException {
        String name = result.suite().label();
        if (result.skipped().isPresent()) {
            System.out.printf("%-18s skipped: %s%n", name, result.skipped().get());
            return;
        }
        List<String> faults = result.faults();
        System.out.printf("%-18s %s  %s, %d checks, %d s%n", name, faults.isEmpty() ? "pass" : "FAIL", result.sdk(),
                result.checks().size(), time.toSeconds());
        if (!faults.isEmpty()) {
            Path log = folder.resolve(name.replace('/', '-') + ".log");
            Files.writeString(log, result.output());
            faults.forEach(fault -> System.out.println("    " + fault.lines().findFirst().orElse("")));
            System.out.println("    all of its output: " + log);
        }
    }
}
