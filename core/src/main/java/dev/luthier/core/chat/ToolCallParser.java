package dev.luthier.core.chat;

import dev.luthier.core.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Finds the tool calls in a model's answer. Immutable and thread-safe.
 *
 * <p>The answer must be decoded with special tokens kept, for {@code [TOOL_CALLS]} and its like are special tokens, and
 * without the end-of-turn token. An answer whose calls do not parse, not even one of them, is text as a whole: a client
 * then sees what the model wrote.
 */
public final class ToolCallParser {
    private final ToolCallFormat format;

    public ToolCallParser(ToolCallFormat format) {
        this.format = format;
    }

    /**
     * An answer taken apart.
     *
     * @param content text around the calls, without white space at its end where there are calls; may be ""
     * @param calls in order; empty when the answer is text
     */
    public record Answer(String content, List<Call> calls) {
        public Answer {
            calls = List.copyOf(calls);
        }
    }

    /**
     * A call in an answer.
     *
     * @param id the model's own, which few formats have, or null
     * @param arguments a JSON object as compact text, keys in the model's order
     */
    public record Call(@Nullable String id, String name, String arguments) {}

    /** Takes a whole answer apart. */
    public Answer parse(String answer) {
        Optional<Answer> calls = switch (format) {
            case MISTRAL -> new Reader(answer).mistral();
            case HERMES -> new Reader(answer).hermes();
            case LLAMA3_JSON -> new Reader(answer).llama();
            case NONE -> Optional.empty();
        };
        return calls.orElseGet(() -> new Answer(answer, List.of()));
    }

    /** For an answer that arrives in pieces. One thread. */
    public ToolCallStream stream() {
        return new ToolCallStream(this, format);
    }

    /** Reads one answer; empty where it holds no calls, or broken ones. */
    private static final class Reader {
        private static final String CALL_ID = "[CALL_ID]";
        private static final String ARGUMENTS = "[ARGS]";
        private static final String HERMES_END = "</tool_call>";

        private final String answer;
        private final StringBuilder content = new StringBuilder();
        private final List<Call> calls = new ArrayList<>();
        private int position;

        Reader(String answer) {
            this.answer = answer;
        }

        Optional<Answer> mistral() {
            String marker = ToolCallFormat.MISTRAL.marker();
            while (skipTo(marker)) {
                skipSpace();
                boolean read = answer.startsWith("[", position) ? array() : namedCall();
                if (!read) {
                    return Optional.empty();
                }
            }
            return result();
        }

        Optional<Answer> hermes() {
            while (skipTo(ToolCallFormat.HERMES.marker())) {
                int end = answer.indexOf(HERMES_END, position);
                String body = answer.substring(position, end < 0 ? answer.length() : end);
                position = end < 0 ? answer.length() : end + HERMES_END.length();
                JsonNode call = json(body.strip());
                if (call == null || !add(call, "arguments")) {
                    return Optional.empty();
                }
            }
            return result();
        }

        Optional<Answer> llama() {
            skipSpace();
            String marker = ToolCallFormat.LLAMA3_JSON.marker();
            position += answer.startsWith(marker, position) ? marker.length() : 0;
            skipSpace();
            while (position < answer.length()) {
                JsonNode call = answer.startsWith("{", position) ? value() : null;
                if (call == null || !(call.has("parameters") ? add(call, "parameters") : add(call, "arguments"))) {
                    return Optional.empty();
                }
                skipSpace();
                position += answer.startsWith(";", position) || answer.startsWith(",", position) ? 1 : 0;
                skipSpace();
            }
            return result();
        }

        private Optional<Answer> result() {
            return calls.isEmpty()
                    ? Optional.empty()
                    : Optional.of(new Answer(content.toString().stripTrailing(), calls));
        }

        /** Goes after the next marker and keeps the text before it; at the end keeps the rest. */
        private boolean skipTo(String marker) {
            int at = answer.indexOf(marker, position);
            content.append(answer, position, at < 0 ? answer.length() : at);
            position = at < 0 ? answer.length() : at + marker.length();
            return at >= 0;
        }

        private void skipSpace() {
            while (position < answer.length() && Character.isWhitespace(answer.charAt(position))) {
                position++;
            }
        }

        private boolean array() {
            JsonNode array = value();
            boolean read = array != null && !array.isEmpty();
            if (array != null) {
                for (JsonNode call : array.values()) {
                    read &= add(call, "arguments");
                }
            }
            return read;
        }

        /** {@code name[CALL_ID]id[ARGS]{...}}; the id is seldom there. */
        private boolean namedCall() {
            int arguments = answer.indexOf(ARGUMENTS, position);
            int brace = answer.indexOf('{', position);
            if (arguments < 0 || brace < arguments) {
                return false;
            }
            String name = answer.substring(position, arguments).strip();
            int idAt = name.indexOf(CALL_ID);
            String id = idAt < 0 ? null : name.substring(idAt + CALL_ID.length()).strip();
            position = arguments + ARGUMENTS.length();
            skipSpace();
            JsonNode object = answer.startsWith("{", position) ? value() : null;
            return object != null && add(id, idAt < 0 ? name : name.substring(0, idAt).strip(), object);
        }

        private boolean add(JsonNode call, String argumentsKey) {
            JsonNode arguments = call.get(argumentsKey);
            if (arguments != null && arguments.isString()) {
                arguments = json(arguments.stringValue());
                if (arguments == null) {
                    return false;
                }
            }
            boolean none = arguments == null || arguments.isNull();
            JsonNode id = call.get("id");
            JsonNode name = call.get("name");
            return call.isObject() && name != null && name.isString()
                    && add(id != null && id.isString() ? id.stringValue() : null, name.stringValue(),
                            none ? Json.MAPPER.createObjectNode() : arguments);
        }

        private boolean add(@Nullable String id, String name, @Nullable JsonNode arguments) {
            if (arguments == null || !arguments.isObject() || name.isEmpty()) {
                return false;
            }
            return calls.add(new Call(id, name, Json.write(arguments)));
        }

        /** The JSON object or array at the position, and goes after it; null when there is none. */
        private @Nullable JsonNode value() {
            int depth = 0;
            boolean quoted = false;
            for (int i = position; i < answer.length(); i++) {
                char c = answer.charAt(i);
                if (quoted && c == '\\') {
                    i++;
                } else if (c == '"') {
                    quoted = !quoted;
                } else if (!quoted && (c == '{' || c == '[')) {
                    depth++;
                } else if (!quoted && (c == '}' || c == ']')) {
                    depth--;
                    if (depth == 0) {
                        JsonNode value = json(answer.substring(position, i + 1));
                        position = i + 1;
                        return value;
                    }
                }
            }
            return null;
        }

        private static @Nullable JsonNode json(String text) {
            try {
                return text.isEmpty() ? null : Json.parse(text);
            } catch (JacksonException notJson) {
                return null;
            }
        }
    }
}
