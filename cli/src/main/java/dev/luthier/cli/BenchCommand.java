package dev.luthier.cli;

import dev.luthier.cli.bench.BenchServerCommand;
import picocli.CommandLine.Command;

/** The benchmarks; those of training and generation are programs of the engine that the launcher starts itself. */
@Command(name = "bench", mixinStandardHelpOptions = true, description = "Benchmarks: server, train, chat.", subcommands = BenchServerCommand.class)
final class BenchCommand extends Subcommands {}
