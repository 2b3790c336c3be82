package dev.luthier.core.data;

import dev.luthier.core.file.FileKind;
import dev.luthier.core.json.Json;
import dev.luthier.core.json.JsonFault;
import dev.luthier.core.problem.Problem;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MappingIterator;
import tools.jackson.databind.json.JsonMapper;

/**
 * Makes JSON Lines of conversations of training data in other forms: Alpaca, ShareGPT, pairs of prompt and completion or
 * of question and answer; as JSON Lines, one JSON list, CSV or TSV, also compressed with gzip or in UTF-16. Samples that
 * are conversations or plain text already stay as they are. What is written is valid; what cannot be converted is
 * reported and left out. One thread at a time.
 */
public final class ChatConverter {
    private static final JsonMapper LIST_MAPPER = JsonMapper.builder(JsonFactory.builder().streamReadConstraints(
            StreamReadConstraints.builder().maxNestingDepth(LineJson.MAX_DEPTH).maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build()).build();

    private final Writer out;
    private final Consumer<String> report;
    private @Nullable DataFormat format;
    private long written;
    private long refused;

    private ChatConverter(Writer out, Consumer<String> report) {
        this.out = out;
        this.report = report;
    }

    /**
     * @param written samples
     * @param refused samples that were reported and left out
     */
    public record Result(long written, long refused) {}

    /**
     * Converts a stream.
     *
     * @param report gets a line for each sample that could not be converted
     * @throws dev.luthier.core.problem.ProblemException USER, when the file is of a kind that holds no samples
     */
    public static Result convert(InputStream in, Writer out, Consumer<String> report) throws IOException {
        ChatConverter converter = new ChatConverter(out, report);
        converter.read(in);
        return new Result(converter.written, converter.refused);
    }

    private void read(InputStream in) throws IOException {
        BufferedInputStream input = new BufferedInputStream(in);
        input.mark(FileKind.HEAD_BYTES);
        byte[] head = input.readNBytes(FileKind.HEAD_BYTES);
        input.reset();
        FileKind kind = FileKind.of(head).orElse(null);
        if (kind == FileKind.GZIP) {
            read(new GZIPInputStream(input));
        } else if (kind == FileKind.UTF_16) {
            String text = new String(input.readAllBytes(), utf16(head));
            read(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
        } else if (kind != null) {
            throw Problem.user("not_convertible", "the file cannot be converted: " + kind.sentence() + ".")
                    .asException();
        } else if (FileForm.isList(head)) {
            readList(input);
        } else {
            String header = new String(head, StandardCharsets.UTF_8).lines().findFirst().orElse("")
                    .replaceFirst("^\uFEFF", "");
            Optional<String> delimiter = FileForm.delimiter(header);
            if (delimiter.isPresent()) {
                readTable(input, delimiter.get().charAt(0));
            } else {
                readLines(input);
            }
        }
    }

    private static Charset utf16(byte[] head) {
        boolean marked = (head[0] & 0xFF) >= 0xFE;
        return marked ? StandardCharsets.UTF_16 : head[0] == 0 ? StandardCharsets.UTF_16BE : StandardCharsets.UTF_16LE;
    }

    private void readLines(InputStream input) throws IOException {
        LineReader lines = new LineReader(input, SampleReader.MAX_LINE_BYTES);
        for (Optional<LineReader.Line> line = lines.next(); line.isPresent(); line = lines.next()) {
            if (line.get().isBlank()) {
                continue;
            }
            DataFaults faults = new DataFaults();
            JsonNode sample = LineParser.json(line.get(), faults.ofLine(line.get().number())).orElse(null);
            if (sample == null) {
                refuse(faults);
            } else {
                add("line " + line.get().number(), line.get().number(), sample);
            }
        }
    }

    private void readList(InputStream input) throws IOException {
        long number = 0;
        try (MappingIterator<JsonNode> elements = LIST_MAPPER.readerFor(JsonNode.class).readValues(input)) {
            while (elements.hasNextValue()) {
                JsonNode element = elements.nextValue();
                number++;
                add("element " + number, number, element);
            }
        } catch (JacksonException e) {
            refuse("element " + (number + 1), "not valid JSON, and nothing after it is read: " + JsonFault.reason(e)
                    + ".");
        }
    }

    private void readTable(InputStream input, char delimiter) throws IOException {
        BufferedReader text = new BufferedReader(new InputStreamReader(input, StandardCharsets.UTF_8));
        text.mark(1);
        if (text.read() != '\uFEFF') {
            text.reset();
        }
        TableReader table = new TableReader(text, delimiter);
        for (Optional<TableReader.Row> row = table.next(); row.isPresent(); row = table.next()) {
            String place = "line " + row.get().line();
            if (row.get().fault().isEmpty()) {
                add(place, row.get().line(), row.get().values());
            } else {
                refuse(place, row.get().fault());
            }
        }
    }

    private void add(String place, long number, JsonNode sample) throws IOException {
        JsonNode converted = sample;
        SampleForm form = SampleForm.of(sample).orElse(null);
        if (form != null) {
            try {
                converted = ConversationMaker.convert(sample, form);
            } catch (ConversationMaker.CannotConvertException e) {
                refuse(place, e.getMessage());
                return;
            }
        }
        DataFaults faults = new DataFaults();
        DataFormat found = SampleParser.parse(converted, faults.ofLine(number)).format();
        if (faults.count() == 0 && format != null && found != format) {
            refuse(place, found == DataFormat.CHAT
                    ? "is a conversation, but the first sample is plain text."
                    : "is plain text, but the first sample is a conversation.");
            return;
        }
        if (faults.count() > 0) {
            refuse(place, faults.kept().stream()
                    .map(fault -> (fault.pointer().isEmpty() ? "" : fault.pointer() + ": ") + fault.message())
                    .reduce((first, second) -> first + " " + second).orElseThrow());
            return;
        }
        format = found;
        out.write(Json.write(converted));
        out.write('\n');
        written++;
    }

    private void refuse(DataFaults faults) {
        refused++;
        faults.kept().forEach(fault -> report.accept(fault.toString()));
    }

    private void refuse(String place, @Nullable String why) {
        refused++;
        report.accept(place + ": " + why);
    }
}
