package dev.luthier.engine.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.run.Quantization;
import java.nio.file.Path;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

final class OptionsTest {

    /** Options of which the first was read. */
    private static Options at(String... arguments) {
        Options options = new Options("usage: luthier x", arguments);
        options.next();
        return options;
    }

    private static void refused(ThrowingCallable read, String message) {
        ProblemException refused = catchThrowableOfType(ProblemException.class, read);
        assertThat(refused).hasMessage(message + ". usage: luthier x");
        assertThat(Options.status(refused)).isEqualTo(2);
    }

    @Test
    void optionsAndOperandsComeInTheirOrder() {
        Options options = new Options("usage: luthier x", "DIR", "--rows", "7", "--type", "nf4", "--json");
        assertThat(options.next()).isEqualTo("DIR");
        assertThat(options.path("DIR", "DIR")).isEqualTo(Path.of("DIR"));
        assertThat(options.next()).isEqualTo("--rows");
        assertThat(options.integer(8)).isEqualTo(7);
        assertThat(options.next()).isEqualTo("--type");
        assertThat(options.choice(Quantization.class, Quantization::label)).isEqualTo(Quantization.NF4);
        assertThat(options.next()).isEqualTo("--json");
        assertThat(options.next()).isNull();
    }

    @Test
    void faultsNameTheOptionAndWhatItTakes() {
        refused(() -> at("--rows").integer(8), "--rows needs a value");
        for (String text : new String[]{"0", "9", "-1", "1.5", "x", "", "99999999999999999999"}) {
            refused(() -> at("--rows", text).integer(8),
                    "--rows must be a whole number of at least 1 and at most 8, not " + text);
        }
        refused(() -> at("--rows", "0").number(Long.MAX_VALUE), "--rows must be a whole number of at least 1, not 0");
        refused(() -> at("--base", "int8").choice(Quantization.class, Quantization::label),
                "--base must be one of none, nf4, not int8");
        refused(() -> at("--model", "a\0b").path(), "--model must be a path, not a\0b");
        refused(() -> at("--a", "--a").next(), "--a is given twice");
        refused(() -> at().required("--model", null), "--model is missing");
        assertThatThrownBy(() -> {
            throw at("--rws").unknown();
        }).hasMessageStartingWith("unknown argument --rws. ");
    }

    @Test
    void otherProblemsEndWithOne() {
        assertThat(Options.status(Problem.user("no_model", "There is none.").asException())).isEqualTo(1);
    }
}
