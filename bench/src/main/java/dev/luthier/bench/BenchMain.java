package dev.luthier.bench;

import dev.luthier.bench.requests.RequestsBench;
import dev.luthier.bench.startup.StartupBench;
import dev.luthier.bench.train.TrainBench;
import dev.luthier.core.command.Program;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * {@code luthier bench server|requests|train}. Those of matrix products and generation are programs of the engine that
 * the launcher starts itself. Exit status 0, 1 when a benchmark cannot run, 2 on bad usage.
 */
@Command(name = "luthier bench", description = "Benchmarks of the whole product, and beside its peers.", footerHeading = "%nPrograms of the engine%n", footer = {
        "  chat        tokens per second of generation", "  products    matrix products of a model's shapes",
        "  parity      the engine's side of bench/run parity"}, subcommands = {
                StartupBench.class, RequestsBench.class, TrainBench.class})
public final class BenchMain implements Runnable {
    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    private BenchMain() {}

    public static void main(String[] args) {
        System.exit(Program.of(new BenchMain()).execute(args));
    }

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }
}
