package dev.luthier.core.data;

import dev.luthier.core.isolation.JavaProgram;
import dev.luthier.core.json.Json;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.ObjectReader;

/**
 * Checks the format of data that comes as a stream, with little memory of this process whatever its lines are: a line
 * takes some ten times its size while it is checked, so that only a small file is checked here and any other in a
 * process of its own.
 */
public final class FormatCheck {
    private static final int SMALL_BYTES = 1 << 20;
    private static final int HEAP_MEGABYTES = 512;
    private static final int CHUNK_BYTES = 1 << 16;
    /* Reports have getters beside their components. */
    private static final ObjectReader REPORT = Json.MAPPER.readerFor(DataReport.class)
            .without(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    private FormatCheck() {}

    /**
     * Checks data as {@link DataValidator#checkFormat(InputStream)} does.
     *
     * @param content read to its end and closed
     * @throws ProblemException RESOURCE, if the process that checks cannot be started or ends too early
     */
    public static DataReport of(InputStream content) {
        try (content) {
            byte[] start = content.readNBytes(SMALL_BYTES);
            return start.length < SMALL_BYTES
                    ? DataValidator.checkFormat(new ByteArrayInputStream(start))
                    : inProcess(start, content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static DataReport inProcess(byte[] start, InputStream rest) throws IOException {
        try (JavaProgram program = start()) {
            feed(program, start, start.length);
            byte[] chunk = new byte[CHUNK_BYTES];
            for (int count = rest.read(chunk); count >= 0; count = rest.read(chunk)) {
                feed(program, chunk, count);
            }
            return report(program);
        }
    }

    private static JavaProgram start() {
        try {
            return JavaProgram.start(FormatCheckMain.class, HEAP_MEGABYTES, List.of());
        } catch (IOException e) {
            throw new ProblemException(Problem.resource("check_not_started",
                    "No process could be started to check the file: " + e.getMessage() + "."), e);
        }
    }

    /* A fault of this pipe is one of the process, not of the content. */
    private static void feed(JavaProgram program, byte[] bytes, int count) {
        try {
            program.requests().write(bytes, 0, count);
        } catch (IOException e) {
            throw ended(program, e);
        }
    }

    private static DataReport report(JavaProgram program) {
        try {
            program.requests().close();
            return REPORT.readValue(program.replies().readAllBytes());
        } catch (IOException | JacksonException e) {
            throw ended(program, e);
        }
    }

    private static ProblemException ended(JavaProgram program, Exception cause) {
        return new ProblemException(Problem.resource("check_ended", "The process that checks the file ended: "
                + program.end().reason() + ". Send the file again."), cause);
    }
}
