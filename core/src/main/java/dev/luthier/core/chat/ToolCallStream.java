package dev.luthier.core.chat;

import dev.luthier.core.chat.ToolCallParser.Answer;
import java.util.List;

/**
 * An answer that arrives in pieces: text goes on at once, and is withheld from where a call may be starting until the
 * end shows what it was. What {@link #append} and {@link #finish} give together is the content that
 * {@link ToolCallParser#parse} finds in the whole answer. One thread.
 */
public final class ToolCallStream {
    private final ToolCallParser parser;
    private final ToolCallFormat format;
    private final StringBuilder answer = new StringBuilder();
    private int passed;

    ToolCallStream(ToolCallParser parser, ToolCallFormat format) {
        this.parser = parser;
        this.format = format;
    }

    /** Takes the next piece; gives the text that is certainly content and was not given yet, often "". */
    public String append(String piece) {
        answer.append(piece);
        int safe = switch (format) {
            case MISTRAL, HERMES -> beforeMarker();
            case LLAMA3_JSON -> mayBeJson() ? passed : answer.length();
            case NONE -> answer.length();
        };
        return pass(answer.toString(), safe);
    }

    private String pass(String text, int end) {
        String more = end > passed ? text.substring(passed, end) : "";
        passed = Math.max(passed, end);
        return more;
    }

    /** Up to the marker or what may become one, and to the white space before it, which belongs to no content. */
    private int beforeMarker() {
        String marker = format.marker();
        int end = answer.indexOf(marker);
        if (end < 0) {
            end = answer.length();
            for (int length = Math.min(marker.length() - 1, end); length > 0; length--) {
                if (answer.substring(end - length).equals(marker.substring(0, length))) {
                    end -= length;
                    break;
                }
            }
        }
        while (end > 0 && Character.isWhitespace(answer.charAt(end - 1))) {
            end--;
        }
        return answer.substring(0, end).isBlank() ? 0 : end;
    }

    private boolean mayBeJson() {
        String start = answer.toString().stripLeading();
        String marker = format.marker();
        return start.startsWith("{") || start.startsWith(marker) || marker.startsWith(start);
    }

    /**
     * Ends the answer.
     *
     * @return the calls, and the content that was withheld
     */
    public Answer finish() {
        String whole = answer.toString();
        Answer parsed = parser.parse(whole);
        if (parsed.calls().isEmpty()) {
            return new Answer(pass(whole, whole.length()), List.of());
        }
        String given = whole.substring(0, passed);
        String rest = parsed.content().startsWith(given) ? parsed.content().substring(given.length()) : "";
        return new Answer(rest, parsed.calls());
    }
}
