package dev.luthier.cli;

import dev.luthier.cli.demo.DemoCommand;
import dev.luthier.core.command.Program;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * The command line. Everything the server owns (keys, jobs, files, models) is reached through its HTTP API; only
 * {@code validate} and {@code convert} work on local files alone. Exit status: 0 done, 1 it failed, 2 bad usage; each failure is one line
 * that says what to do.
 */
@Command(name = "luthier", version = "luthier 0.1.0", mixinStandardHelpOptions = true, sortOptions = false, header = "Fine-tunes open-weight models and serves them, behind the APIs your code already speaks.", footerHeading = "%nPrograms%n", footer = {
        "  serve       the service itself", "  backup      copy the data directory, also of a running server",
        "  restore     make a data directory of a backup", "  train       train one run directory, without a server",
        "  pretrain    train a small base model from a recipe",
        "  probe       measure one training step of a model on this host",
        "  doctor      what this machine computes with, and why", "  bench       the benchmarks",
        "%nEach says more: ./luthier COMMAND --help"}, subcommands = {DemoCommand.class, JobsCommand.class,
                ModelsCommand.class,
                KeysCommand.class,
                ChatCommand.class, ValidateCommand.class, ConvertCommand.class})
public final class LuthierMain implements Runnable {
    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    private LuthierMain() {}

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        return Program.of(new LuthierMain());
    }

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }
}
