package dev.luthier.core.data;

import dev.luthier.core.json.Json;
import java.io.IOException;
import java.io.PushbackReader;
import java.io.Reader;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads a table with a header line (RFC 4180: fields may stand in quotes, which hold delimiters, line ends and doubled
 * quotes) row by row as objects of strings. One thread at a time; the caller closes the reader.
 */
final class TableReader {
    private final PushbackReader input;
    private final char delimiter;
    private final List<String> columns;
    private long line;

    TableReader(Reader input, char delimiter) throws IOException {
        this.input = new PushbackReader(input);
        this.delimiter = delimiter;
        this.columns = fields().orElse(List.of()).stream().map(name -> name.strip().toLowerCase(Locale.ROOT)).toList();
    }

    /** A row, or why it is none; empty at the end. Blank lines are passed over. */
    Optional<Row> next() throws IOException {
        long start = line + 1;
        Optional<List<String>> fields = fields();
        while (fields.isPresent() && fields.get().equals(List.of(""))) {
            start = line + 1;
            fields = fields();
        }
        if (fields.isEmpty()) {
            return Optional.empty();
        }
        List<String> values = fields.get();
        if (values.size() != columns.size()) {
            return Optional.of(new Row(start, Json.MAPPER.createObjectNode(),
                    "has " + values.size() + " fields for " + columns.size() + " columns."));
        }
        ObjectNode row = Json.MAPPER.createObjectNode();
        for (int i = 0; i < values.size(); i++) {
            if (!values.get(i).isEmpty()) {
                row.put(columns.get(i), values.get(i));
            }
        }
        return Optional.of(new Row(start, row, ""));
    }

    /** @param fault empty for a good row */
    record Row(long line, ObjectNode values, String fault) {}

    private Optional<List<String>> fields() throws IOException {
        int next = input.read();
        if (next < 0) {
            return Optional.empty();
        }
        List<String> fields = new ArrayList<>();
        StringBuilder field = new StringBuilder();
        boolean quoted = false;
        line++;
        for (; next >= 0; next = input.read()) {
            if (quoted) {
                int after = next == '"' ? input.read() : -1;
                if (next != '"') {
                    line += next == '\n' ? 1 : 0;
                    field.append((char) next);
                    if (field.length() > SampleReader.MAX_LINE_BYTES) {
                        throw new IOException("a field that begins before line " + line + " has more than "
                                + SampleReader.MAX_LINE_BYTES + " characters; its closing quote is missing");
                    }
                } else if (after == '"') {
                    field.append('"');
                } else {
                    quoted = false;
                    unread(after);
                }
            } else if (next == '"' && field.isEmpty()) {
                quoted = true;
            } else if (next == delimiter) {
                fields.add(field.toString());
                field.setLength(0);
            } else if (next == '\n') {
                break;
            } else if (next != '\r') {
                field.append((char) next);
            }
        }
        fields.add(field.toString());
        return Optional.of(fields);
    }

    private void unread(int character) throws IOException {
        if (character >= 0) {
            input.unread(character);
        }
    }
}
