package dev.luthier.core.data;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Bytes of a line to a sample or its faults. Thread-safe. */
final class LineParser {

    private LineParser() {}

    static ParsedLine parse(LineReader.Line line) {
        DataFaults faults = new DataFaults();
        SampleParser.Parsed parsed = parse(line, faults.ofLine(line.number()));
        Sample sample = faults.count() == 0 ? parsed.sample() : null;
        return new ParsedLine(line.number(), parsed.format(), sample, faults.kept(), faults.count());
    }

    private static SampleParser.Parsed parse(LineReader.Line line, DataFaults.OfLine faults) {
        return json(line, faults).map(node -> SampleParser.parse(node, faults))
                .orElse(new SampleParser.Parsed(null, null));
    }

    /** The JSON of a line; empty with a fault. */
    static Optional<JsonNode> json(LineReader.Line line, DataFaults.OfLine faults) {
        if (line.isTooLong()) {
            faults.add("", "the line has " + line.sizeBytes() + " bytes; at most " + line.bytes().length
                    + " are allowed. Split the sample, or put a line break after each sample.");
            return Optional.empty();
        }
        Optional<String> text = decode(line, faults);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        JsonNode node;
        try {
            node = LineJson.parse(text.get());
        } catch (JacksonException e) {
            faults.addNoObject("not valid JSON: " + LineJson.reason(e) + jsonHint(text.get()));
            return Optional.empty();
        }
        if (text.get().contains("\\ud") || text.get().contains("\\uD")) {
            LineJson.checkSurrogates(node, "", faults);
        }
        return Optional.of(node);
    }

    private static String jsonHint(String text) {
        String start = text.strip();
        if (start.equals("[") || start.equals("{")) {
            return " The file must be JSON Lines: each sample is one JSON object on one line.";
        }
        return start.matches("(?s)\\{.*\\}\\s*\\{.*\\}") ? " Put each object on a line of its own." : "";
    }

    /* A replacement character is the mark of bytes that are not UTF-8, unless the line really has one. */
    private static Optional<String> decode(LineReader.Line line, DataFaults.OfLine faults) {
        String text = new String(line.bytes(), StandardCharsets.UTF_8);
        if (text.indexOf('\uFFFD') < 0) {
            return Optional.of(text);
        }
        CharsetDecoder strict = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer bytes = ByteBuffer.wrap(line.bytes());
        CharBuffer chars = CharBuffer.allocate(line.bytes().length);
        CoderResult result = strict.decode(bytes, chars, true);
        if (!result.isError()) {
            return Optional.of(text);
        }
        faults.add("", String.format(Locale.ROOT, "byte %d of the line (0x%02X) is not UTF-8. Save the file as UTF-8.",
                bytes.position() + 1, line.bytes()[bytes.position()]));
        return Optional.empty();
    }
}
