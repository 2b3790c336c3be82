package dev.luthier.cli;

import dev.luthier.core.data.ChatConverter;
import dev.luthier.core.problem.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Converts training data, without a server. Exit status 0 only if every sample could be converted. */
@Command(name = "convert", mixinStandardHelpOptions = true, description = {
        "Make JSON Lines of conversations of training data in another form.",
        "Reads Alpaca, ShareGPT, prompt and completion, question and answer, as JSON Lines, one JSON list, CSV or TSV,",
        "also compressed with gzip or in UTF-16. Says for each sample that it leaves out, why."})
final class ConvertCommand implements Callable<Integer> {
    /** What data can be made. */
    private enum Target {
        CHAT
    }

    @Parameters(paramLabel = "IN", description = "The file to read; - is standard input.")
    private String in = "";

    @Option(names = "--to", required = true, paramLabel = "FORM", description = "What to make: chat.")
    private Target to = Target.CHAT;

    @Option(names = "-o", paramLabel = "OUT", description = "The file to write (standard output).")
    private @Nullable Path out;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        PrintWriter err = spec.commandLine().getErr();
        ChatConverter.Result result;
        try (InputStream input = open()) {
            result = out == null
                    ? convert(input, spec.commandLine().getOut(), err)
                    : convertToFile(input, out, err);
        }
        err.println("wrote " + result.written() + (result.written() == 1 ? " sample" : " samples") + " as " + to.name()
                .toLowerCase(Locale.ROOT) + (out == null ? "" : " to " + out)
                + (result.refused() == 0
                        ? ""
                        : "; " + result.refused() + " could not be converted"));
        return result.refused() == 0 && result.written() > 0 ? 0 : 1;
    }

    private InputStream open() throws IOException {
        if (in.equals("-")) {
            return System.in;
        }
        if (!Files.isRegularFile(Path.of(in))) {
            throw Problem.user("no_file", in + " is not a file.").asException();
        }
        return Files.newInputStream(Path.of(in));
    }

    private static ChatConverter.Result convert(InputStream input, Writer writer, PrintWriter err) throws IOException {
        ChatConverter.Result result = ChatConverter.convert(input, writer, err::println);
        writer.flush();
        return result;
    }

    /** Appears whole or not at all, so that a file may also be converted onto itself. */
    private static ChatConverter.Result convertToFile(InputStream input, Path target, PrintWriter err)
            throws IOException {
        Path unfinished = target.resolveSibling(target.getFileName() + ".writing");
        try {
            ChatConverter.Result result;
            try (Writer writer = Files.newBufferedWriter(unfinished)) {
                result = convert(input, writer, err);
            }
            Files.move(unfinished, target, StandardCopyOption.REPLACE_EXISTING);
            return result;
        } finally {
            Files.deleteIfExists(unfinished);
        }
    }
}
