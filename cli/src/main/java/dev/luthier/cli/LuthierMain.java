package dev.luthier.cli;

import dev.luthier.cli.demo.DemoCommand;
import dev.luthier.core.problem.ProblemException;
import java.io.IOException;
import java.net.ConnectException;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The command line. Everything the server owns (keys, jobs, files, models) is reached through its HTTP API; only
 * {@code validate} works on local files alone. Exit status: 0 done, 1 it failed, 2 bad usage; each failure is one line
 * that says what to do.
 */
@Command(name = "luthier", version = "luthier 0.1.0", mixinStandardHelpOptions = true, sortOptions = false, header = "Fine-tunes open-weight models and serves them, behind the APIs your code already speaks.", footerHeading = "%nPrograms%n", footer = {
        "  serve       the service itself (serve --help)",
        "  train       train one run directory, without a server",
        "  pretrain    train a small base model from a recipe",
        "  probe       measure one training step of a model on this host",
        "  bench       the benchmarks"}, subcommands = {DemoCommand.class, JobsCommand.class, ModelsCommand.class,
                KeysCommand.class,
                ChatCommand.class, ValidateCommand.class, CommandLine.HelpCommand.class})
public final class LuthierMain implements Runnable {
    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    private LuthierMain() {}

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        return new CommandLine(new LuthierMain()).setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(LuthierMain::badUsage)
                .setExecutionExceptionHandler(LuthierMain::failure);
    }

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    private static int badUsage(ParameterException e, String[] args) {
        CommandLine command = e.getCommandLine();
        List<String> near = e instanceof UnmatchedArgumentException unmatched ? unmatched.getSuggestions() : List.of();
        command.getErr().println("luthier: " + String.valueOf(e.getMessage()).replace('\n', ' ')
                + (near.isEmpty() ? "" : " Did you mean '" + near.getFirst() + "'?") + " Try '"
                + command.getCommandSpec().qualifiedName() + " --help'.");
        return 2;
    }

    private static int failure(Exception e, CommandLine commandLine, CommandLine.ParseResult parsed) {
        commandLine.getErr().println("luthier: " + switch (e) {
            case ProblemException problem -> problem.problem().message();
            case ConnectException _ -> "no server answers. Start one with './luthier serve', or name it with --url.";
            case IOException io -> message(io);
            default -> e.toString();
        });
        return 1;
    }

    private static String message(Throwable e) {
        String message = e.getMessage();
        return message == null ? e.toString() : e.getClass().getSimpleName() + ": " + message;
    }
}
