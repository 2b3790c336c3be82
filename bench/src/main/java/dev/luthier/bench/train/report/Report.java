package dev.luthier.bench.train.report;

import dev.luthier.bench.train.run.MatchResult;
import dev.luthier.core.json.Json;
import dev.luthier.core.problem.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.core.JacksonException;

/**
 * The figures of one run of the harness, as {@code --json} writes them.
 *
 * @param date of the run, ISO 8601
 * @param command that made it
 */
public record Report(String date, String command, Machine machine, List<MatchResult> matches) {
    public Report {
        matches = List.copyOf(matches);
    }

    /** Reads what an earlier run has written; a USER problem names a file that is none. */
    public static Report read(Path file) {
        try {
            return Json.MAPPER.readValue(Files.readString(file), Report.class);
        } catch (IOException | JacksonException e) {
            throw Problem.user("invalid_report", file + " is not a report of luthier bench train: " + e.getMessage())
                    .asException();
        }
    }

    public void write(Path file) throws IOException {
        Files.writeString(file, Json.writePretty(this) + "\n");
    }
}
