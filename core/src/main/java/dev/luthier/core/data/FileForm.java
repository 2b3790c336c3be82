package dev.luthier.core.data;

import dev.luthier.core.file.FileKind;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a data file is as a whole when it is not JSON Lines, told by its first bytes. */
final class FileForm {
    static final String HOW_TO_CONVERT = "./luthier convert FILE --to chat -o OUT.jsonl converts a file.";
    private static final Pattern LIST = Pattern.compile("\\s*\\[\\s*(\\{.*|$)", Pattern.DOTALL);
    private static final List<String> DELIMITERS = List.of(",", "\t", ";");
    private static final int SHOWN_COLUMNS = 6;

    private FileForm() {}

    /** Why the file is not JSON Lines, in two or three sentences; empty when its lines will tell. */
    static Optional<String> fault(byte[] head) {
        Optional<FileKind> kind = FileKind.of(head);
        if (kind.isPresent()) {
            boolean convertible = kind.get() == FileKind.GZIP || kind.get() == FileKind.UTF_16;
            return Optional.of("the file is " + kind.get().description() + ", not JSON Lines. " + kind.get().advice()
                    + (convertible ? "; or: " + HOW_TO_CONVERT : "."));
        }
        String text = new String(head, StandardCharsets.UTF_8);
        if (LIST.matcher(text).matches()) {
            return Optional.of("the file is one JSON list, not JSON Lines, where each line is an object. "
                    + HOW_TO_CONVERT);
        }
        Matcher first = Pattern.compile("\\uFEFF?([^\\r\\n]*)").matcher(text);
        String header = first.lookingAt() ? first.group(1) : "";
        return delimiter(header).map(delimiter -> {
            Set<String> columns = columns(header, delimiter);
            return "the file is a table in " + (delimiter.equals("\t") ? "TSV" : "CSV") + " with the columns "
                    + String.join(", ", columns.stream().limit(SHOWN_COLUMNS).toList())
                    + (columns.size() > SHOWN_COLUMNS ? ", …" : "") + ", not JSON Lines. " + HOW_TO_CONVERT;
        });
    }

    /** Whether the file is one JSON list. */
    static boolean isList(byte[] head) {
        return LIST.matcher(new String(head, StandardCharsets.UTF_8)).matches();
    }

    /** What separates the columns of a table of samples with such a first line; empty when it is none. */
    static Optional<String> delimiter(String header) {
        return DELIMITERS.stream().filter(delimiter -> SampleForm.isTable(columns(header, delimiter))
                && (header.contains(delimiter) || header.strip().equals("text"))).findFirst();
    }

    private static Set<String> columns(String header, String delimiter) {
        Set<String> columns = new LinkedHashSet<>();
        for (String column : header.split(Pattern.quote(delimiter), -1)) {
            columns.add(column.strip().replaceFirst("^\"(.*)\"$", "$1").toLowerCase(Locale.ROOT));
        }
        return columns;
    }
}
