package dev.luthier.core.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.problem.Problem;
import dev.luthier.core.run.MemoryTier;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ConnectException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

final class ProgramTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Command(name = "luthier knead")
    static final class Knead implements Callable<Integer> {
        @Option(names = "--rows", defaultValue = "3", description = "Rows (${DEFAULT-VALUE}).")
        private int rows;

        @Option(names = "--tier", description = "Tier.")
        private MemoryTier tier = MemoryTier.KEEP;

        @Parameters(paramLabel = "WHAT")
        private String what;

        @Spec
        private CommandSpec spec;

        @Override
        public Integer call() throws IOException {
            Program.within(spec, "--rows", rows, 1, 8);
            switch (what) {
                case "gone" -> throw new NoSuchFileException("/a/b");
                case "closed" -> throw new AccessDeniedException("/a/b");
                case "silent" -> throw new ConnectException();
                case "problem" -> throw Problem.user("x", "It is not there.").asException();
                case "bug" -> throw new IllegalStateException("rows");
                default -> spec.commandLine().getOut().println(tier.label());
            }
            return 0;
        }
    }

    private int run(String... arguments) {
        CommandLine program = Program.of(new Knead())
                .registerConverter(MemoryTier.class, Choice.of(MemoryTier.class, MemoryTier::label));
        program.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        return program.execute(arguments);
    }

    @Test
    void helpNamesOptionsWithTheirDefaults() {
        assertThat(run("--help")).isZero();
        assertThat(out.toString()).contains("Usage: luthier knead").contains("Rows (3).").contains("-h, --help");
    }

    @Test
    void valuesAreTheNamesThatPeopleWrite() {
        assertThat(run("dough", "--tier", "RECOMPUTE_layers")).isZero();
        assertThat(out.toString().strip()).isEqualTo("recompute_layers");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            dough --rows 9      | --rows must be a whole number of at least 1 and at most 8, not 9.
            dough --rows 0      | --rows must be a whole number of at least 1 and at most 8, not 0.
            dough --rows x      | --rows
            dough --rows        | --rows
            dough --tier keeep  | it must be one of keep, recompute_elementwise, recompute_layers, not keeep
            dough --rows 1 --rows 2 | --rows
            dough --rws 1       | --rws
            --rows 1            | WHAT
            """)
    void badUsageIsOneLineWithTheRemedyAndStatusTwo(String arguments, String reason) {
        assertThat(run(arguments.split(" "))).isEqualTo(2);
        assertThat(err.toString().strip()).hasLineCount(1).contains(reason).endsWith("Try 'luthier knead --help'.");
    }

    @ParameterizedTest
    @CsvSource({"gone, /a/b does not exist.", "closed, /a/b cannot be opened: permission denied.",
            "silent, no server answers", "problem, It is not there."})
    void failuresAreOneSentenceWithoutTheNameOfAClass(String what, String sentence) {
        assertThat(run(what)).isEqualTo(1);
        assertThat(err.toString().strip()).hasLineCount(1).contains(sentence).doesNotContain("Exception");
    }

    @Test
    void faultOfTheProgramIsShownWithWhatItsAuthorsNeed() {
        assertThat(run("bug")).isEqualTo(1);
        assertThat(err.toString()).startsWith("luthier: this is a fault of the program itself").contains("ProgramTest");
    }
}
