package dev.luthier.server.api.openai;

import dev.luthier.server.api.Fields;
import dev.luthier.server.file.FilePurpose;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What requests say of a file that is to be stored, in one body or in parts. */
final class FileRequests {
    /** Longest name of a file. */
    static final int MAX_NAME = 255;
    /** Purposes that a client may give. */
    static final Map<String, String> PURPOSES = same(
            List.of("assistants", "batch", "fine-tune", "vision", "user_data", "evals"));

    /** Purposes that a list may be asked for, with those that files here have. */
    static final Map<String, Set<FilePurpose>> LISTED = Stream
            .concat(PURPOSES.keySet().stream(), Stream.of("assistants_output", "batch_output", "fine-tune-results"))
            .collect(Collectors.toMap(name -> name, name -> Stream.of(FilePurpose.values())
                    .filter(purpose -> purpose.publicName().equals(name)).collect(Collectors.toSet())));

    private static final Map<String, String> ANCHORS = same(List.of("created_at"));
    private static final long MIN_SECONDS = 3600;
    private static final long MAX_SECONDS = 2_592_000;

    private FileRequests() {}

    private static Map<String, String> same(List<String> names) {
        return names.stream().collect(Collectors.toMap(name -> name, Function.identity()));
    }

    /** Whether files with such a purpose can be stored here. */
    static boolean isBuilt(String purpose) {
        return purpose.equals(FilePurpose.FINE_TUNE.publicName());
    }

    /** What to tell who gives another purpose. */
    static String notBuilt(String purpose) {
        return "purpose " + purpose + " is not built yet. Files are for fine-tuning: use "
                + FilePurpose.FINE_TUNE.publicName() + ".";
    }

    /** How long a file stays, from {@code {"anchor":"created_at","seconds":...}}. */
    static Duration lifetime(Fields expiresAfter) {
        expiresAfter.choice("anchor", ANCHORS).required("created_at");
        return Duration.ofSeconds(
                expiresAfter.integer("seconds").atLeast(MIN_SECONDS).atMost(MAX_SECONDS).required());
    }
}
