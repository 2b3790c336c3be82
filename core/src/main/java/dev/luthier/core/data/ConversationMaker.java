package dev.luthier.core.data;

import dev.luthier.core.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Makes a conversation of a sample in another form. Nothing is lost: keys that a conversation has no place for become its
 * {@code metadata}.
 */
final class ConversationMaker {
    private static final Map<String, String> SPEAKERS = Map.ofEntries(Map.entry("human", "user"),
            Map.entry("user", "user"), Map.entry("gpt", "assistant"), Map.entry("chatgpt", "assistant"),
            Map.entry("assistant", "assistant"), Map.entry("model", "assistant"), Map.entry("bot", "assistant"),
            Map.entry("bing", "assistant"), Map.entry("bard", "assistant"), Map.entry("system", "system"),
            Map.entry("function_call", "assistant"), Map.entry("observation", "tool"), Map.entry("tool", "tool"));

    private final JsonNode sample;
    private final SampleForm form;
    private final Set<String> used = new TreeSet<>();
    private final ArrayNode messages = Json.MAPPER.createArrayNode();
    private int calls;

    private ConversationMaker(JsonNode sample, SampleForm form) {
        this.sample = sample;
        this.form = form;
    }

    /** A sample that has no meaning as a conversation; the message is a sentence with the place. */
    static final class CannotConvertException extends Exception {
        private static final long serialVersionUID = 1L;

        CannotConvertException(String message) {
            super(message);
        }
    }

    static ObjectNode convert(JsonNode sample, SampleForm form) throws CannotConvertException {
        return new ConversationMaker(sample, form).convert();
    }

    private ObjectNode convert() throws CannotConvertException {
        Optional<String> system = text("system");
        if (system.filter(text -> !text.isEmpty()).isPresent()) {
            say("system", system.get());
        }
        ObjectNode line = Json.MAPPER.createObjectNode();
        switch (form) {
            case SHARE_GPT -> turns(take(form.questionKey(sample).orElseThrow()));
            case ALPACA -> {
                history();
                String input = text("input").orElse("");
                pair(input.isEmpty() ? "" : "\n\n" + input);
            }
            case PROMPT_COMPLETION, QUESTION_ANSWER, INPUT_OUTPUT -> {
                history();
                pair("");
            }
        }
        tools().ifPresent(tools -> line.set("tools", tools));
        line.set("messages", messages);
        if (sample.has("id")) {
            line.set("id", take("id"));
        }
        ObjectNode rest = Json.MAPPER.createObjectNode();
        sample.properties().stream().filter(field -> !used.contains(field.getKey()) && !field.getValue().isNull())
                .forEach(field -> rest.set(field.getKey(), field.getValue()));
        if (rest.size() == 1 && rest.has("metadata")) {
            line.set("metadata", rest.get("metadata"));
        } else if (!rest.isEmpty()) {
            line.set("metadata", rest);
        }
        return line;
    }

    private JsonNode take(String key) {
        used.add(key);
        return sample.path(key);
    }

    private Optional<String> text(String key) throws CannotConvertException {
        if (!sample.hasNonNull(key)) {
            return Optional.empty();
        }
        JsonNode value = take(key);
        if (!value.isString()) {
            throw new CannotConvertException(key + " must be a string, not " + LineObject.kind(value) + ".");
        }
        return Optional.of(value.stringValue());
    }

    private void say(String role, String content) {
        messages.addObject().put("role", role).put("content", content);
    }

    /** Question and answer, each a text or a list of messages. */
    private void pair(String more) throws CannotConvertException {
        String question = form.questionKey(sample).orElseThrow();
        String answer = form.answerKey(sample).orElseThrow();
        if (sample.path(question).isArray() || sample.path(answer).isArray()) {
            turns(take(question));
            turns(take(answer));
            return;
        }
        say("user", text(question).orElse("") + more);
        say("assistant", text(answer).orElse(""));
    }

    /** Earlier turns as pairs of question and answer. */
    private void history() throws CannotConvertException {
        if (!sample.path("history").isArray()) {
            return;
        }
        for (JsonNode turn : take("history")) {
            if (!turn.isArray() || turn.size() != 2 || !turn.get(0).isString() || !turn.get(1).isString()) {
                throw new CannotConvertException("history must be a list of pairs of texts.");
            }
            say("user", turn.get(0).stringValue());
            say("assistant", turn.get(1).stringValue());
        }
    }

    private void turns(JsonNode turns) throws CannotConvertException {
        if (turns.isString()) {
            say(messages.isEmpty() ? "user" : "assistant", turns.stringValue());
            return;
        }
        if (!turns.isArray() || turns.isEmpty()) {
            throw new CannotConvertException("the list of messages is missing or empty.");
        }
        int number = 0;
        for (JsonNode turn : turns) {
            turn("message " + ++number, turn);
        }
    }

    private void turn(String place, JsonNode turn) throws CannotConvertException {
        String from = turn.path("from").asString(turn.path("role").asString(""));
        JsonNode value = turn.has("value") ? turn.path("value") : turn.path("content");
        String role = SPEAKERS.get(from);
        if (role == null) {
            throw new CannotConvertException(place + (from.isEmpty()
                    ? " does not say who speaks (from, or role)."
                    : " is from " + LineObject.quote(from) + ", which is not known."));
        }
        if (!turn.has("from") && turn.has("tool_calls")) {
            messages.add(turn);
        } else if (!value.isString()) {
            throw new CannotConvertException(place + " has no text (value, or content).");
        } else if (from.equals("function_call")) {
            call(place, value.stringValue());
        } else if (role.equals("tool")) {
            messages.addObject().put("role", "tool").put("tool_call_id", turn.path("tool_call_id").asString(id(calls)))
                    .put("content", value.stringValue());
        } else {
            ObjectNode message = messages.addObject().put("role", role).put("content", value.stringValue());
            if (role.equals("assistant") && turn.path("weight").isNumber()) {
                message.set("weight", turn.path("weight"));
            }
        }
    }

    private void call(String place, String text) throws CannotConvertException {
        JsonNode call = json(text);
        if (call == null || !call.path("name").isString() || !call.path("arguments").isObject()) {
            throw new CannotConvertException(place + " is a call, but not an object with name and arguments.");
        }
        calls++;
        ObjectNode function = messages.addObject().put("role", "assistant").putArray("tool_calls").addObject()
                .put("id", id(calls)).put("type", "function").putObject("function");
        function.put("name", call.path("name").stringValue()).put("arguments", Json.write(call.path("arguments")));
    }

    private static String id(int call) {
        return "call%05d".formatted(call);
    }

    /** Tools as a list, or as a string that holds one; each with or without the envelope of OpenAI. */
    private Optional<JsonNode> tools() throws CannotConvertException {
        if (!sample.hasNonNull("tools")) {
            return Optional.empty();
        }
        JsonNode given = take("tools");
        if (given.isString() && given.stringValue().isBlank()) {
            return Optional.empty();
        }
        JsonNode tools = given.isString() ? json(given.stringValue()) : given;
        if (tools == null || !tools.isArray()) {
            throw new CannotConvertException("tools must be a list, or a string that holds one.");
        }
        List<JsonNode> all = new ArrayList<>();
        for (JsonNode tool : tools) {
            all.add(tool.has("function")
                    ? tool
                    : Json.MAPPER.createObjectNode().put("type", "function").set("function", tool));
        }
        return all.isEmpty() ? Optional.empty() : Optional.of(Json.MAPPER.createArrayNode().addAll(all));
    }

    private static @Nullable JsonNode json(String text) {
        try {
            return LineJson.parse(text);
        } catch (JacksonException e) {
            return null;
        }
    }
}
