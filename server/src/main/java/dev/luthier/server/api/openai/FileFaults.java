package dev.luthier.server.api.openai;

import dev.luthier.core.data.DataFault;
import dev.luthier.core.data.DataReport;
import dev.luthier.server.api.ApiFailure;
import dev.luthier.server.api.Fault;
import dev.luthier.server.file.InvalidFile;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What is wrong with a file, in the words that OpenAI's users know. */
final class FileFaults {
    /** Faults that are told after the first. */
    private static final int FURTHER = 4;

    private FileFaults() {}

    /** One failure with the first faults and the number of all. */
    static ApiFailure failure(InvalidFile thrown) {
        DataReport report = thrown.report();
        DataFault first = report.faults().getFirst();
        String message = (first.noObject() ? noJsonLines(first) : first.toString()) + further(report);
        return ApiFailure.invalid(List.of(new Fault("invalid_file", message, List.of("body", "file"))));
    }

    private static String noJsonLines(DataFault fault) {
        return String.format(Locale.ROOT,
                "Expected file to have JSONL format, where every line is a JSON dictionary. Line %d is not a dictionary"
                        + " (HINT: %s).",
                fault.line(), fault.message().replaceFirst("\\.$", ""));
    }

    private static String further(DataReport report) {
        long count = report.faultCount() - 1;
        if (count == 0) {
            return "";
        }
        String told = report.faults().stream().skip(1).limit(FURTHER).map(DataFault::toString)
                .collect(Collectors.joining(" "));
        String which = count > FURTHER ? ", of which the first " + FURTHER + " are: " : ": ";
        return " " + count + (count == 1 ? " further fault" : " further faults") + which + told;
    }
}
