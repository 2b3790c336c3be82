package dev.luthier.bench;

import dev.luthier.bench.requests.RequestsBench;
import dev.luthier.bench.startup.StartupBench;
import dev.luthier.bench.train.TrainBench;
import dev.luthier.core.problem.ProblemException;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * {@code luthier bench server|requests|train}. Those of matrix products and generation are programs of the engine that
 * the launcher starts itself. Exit status 0, 1 when a benchmark cannot run, 2 on bad usage.
 */
@Command(name = "luthier bench", mixinStandardHelpOptions = true, description = "Benchmarks: server, requests, train, chat, products.", subcommands = {
        StartupBench.class, RequestsBench.class, TrainBench.class})
public final class BenchMain implements Runnable {
    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    private BenchMain() {}

    public static void main(String[] args) {
        System.exit(new CommandLine(new BenchMain()).setExecutionExceptionHandler((thrown, command, parsed) -> {
            command.getErr().println(
                    "luthier: " + (thrown instanceof ProblemException problem ? problem.problem().message() : thrown));
            return 1;
        }).execute(args));
    }

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }
}
