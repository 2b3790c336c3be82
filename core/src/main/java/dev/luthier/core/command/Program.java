package dev.luthier.core.command;

import dev.luthier.core.problem.ProblemException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;
import tools.jackson.core.JacksonException;

/**
 * A program of ours: a picocli command with {@code --help}. Exit status 0 when it is done, 1 when it failed, 2 on bad
 * usage; what went wrong is one line on standard error that says what to do.
 */
public final class Program {
    private Program() {}

    /** @param command an object with picocli's annotations, or a {@link CommandSpec} */
    public static CommandLine of(Object command) {
        CommandLine program = new CommandLine(command);
        addHelp(program.getCommandSpec());
        return program.setCaseInsensitiveEnumValuesAllowed(true).setUsageHelpAutoWidth(true)
                .setParameterExceptionHandler(Program::badUsage).setExecutionExceptionHandler(Program::failure);
    }

    private static void addHelp(CommandSpec spec) {
        if (spec.findOption("--help") == null) {
            spec.addOption(OptionSpec.builder("-h", "--help").usageHelp(true)
                    .description("Show this help message and exit.").build());
        }
        spec.subcommands().values().forEach(each -> addHelp(each.getCommandSpec()));
    }

    /**
     * A number that an option was given.
     *
     * @throws ParameterException when it lies outside of its bounds
     */
    public static long within(CommandSpec spec, String option, long value, long least, long most) {
        if (value < least || value > most) {
            throw refuse(spec, option + " must be a whole number of at least " + least
                    + (most < Integer.MAX_VALUE ? " and at most " + most : "") + ", not " + value + ".");
        }
        return value;
    }

    /** The same for an {@code int}. */
    public static int within(CommandSpec spec, String option, int value, int least, int most) {
        return (int) within(spec, option, (long) value, least, most);
    }

    /** Bad usage that picocli cannot know. */
    public static ParameterException refuse(CommandSpec spec, String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private static int badUsage(ParameterException e, String[] args) {
        CommandLine command = e.getCommandLine();
        List<String> near = e instanceof UnmatchedArgumentException unmatched ? unmatched.getSuggestions() : List.of();
        String message = String.valueOf(e.getMessage()).replaceAll("\\s+", " ").strip();
        command.getErr().println("luthier: " + message + (message.endsWith(".") ? "" : ".")
                + (near.isEmpty() ? "" : " Did you mean '" + near.getFirst() + "'?") + " Try '"
                + command.getCommandSpec().qualifiedName() + " --help'.");
        return 2;
    }

    private static int failure(Exception e, CommandLine command, ParseResult parsed) {
        String message = switch (e) {
            case ProblemException problem -> problem.problem().message();
            case IOException io -> InputOutputFault.describe(io);
            case UncheckedIOException io -> InputOutputFault.describe(Objects.requireNonNull(io.getCause()));
            case JacksonException json -> "not the JSON that was expected: " + json.getOriginalMessage();
            default -> null;
        };
        if (message == null) {
            command.getErr().println("luthier: this is a fault of the program itself; please report it with the lines"
                    + " below.");
            e.printStackTrace(command.getErr());
        } else {
            command.getErr().println("luthier: " + message);
        }
        return 1;
    }
}
