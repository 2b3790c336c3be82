package dev.luthier.core.data;

/**
 * One fault of a data file.
 *
 * @param line counted from 1, blank lines included; 0 for a fault of the file as a whole
 * @param pointer JSON pointer (RFC 6901) into the line's object; "" for the line as a whole
 * @param message what is wrong and what to do, one or two sentences
 * @param noObject whether the line holds no JSON object at all, so that the file is hardly JSON Lines
 */
public record DataFault(long line, String pointer, String message, boolean noObject) {
    DataFault(long line, String pointer, String message) {
        this(line, pointer, message, false);
    }

    /** For people: {@code line 42, /messages/1/role: role "asistant" is unknown. Did you mean assistant?} */
    @Override
    public String toString() {
        if (line == 0) {
            return message;
        }
        return "line " + line + (pointer.isEmpty() ? "" : ", " + pointer) + ": " + message;
    }
}
