package dev.luthier.cli;

import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** A command that only groups others: called alone it names them. */
abstract class Subcommands implements Runnable {
    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(),
                "say which: " + String.join(", ", spec.subcommands().keySet()) + ".");
    }
}
