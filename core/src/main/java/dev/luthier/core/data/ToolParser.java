package dev.luthier.core.data;

import static dev.luthier.core.data.LineObject.kind;
import static dev.luthier.core.data.LineObject.quote;

import dev.luthier.core.chat.Message;
import dev.luthier.core.chat.ToolCall;
import dev.luthier.core.json.Json;
import dev.luthier.core.problem.Nearest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Tools that a conversation offers, and the calls that an assistant message makes. */
final class ToolParser {
    private static final List<String> TOOL_KEYS = List.of("type", "function");
    private static final List<String> FUNCTION_KEYS = List.of("name", "description", "parameters", "strict");
    private static final List<String> CALL_KEYS = List.of("id", "type", "function", "index");
    private static final List<String> CALLED_KEYS = List.of("name", "arguments");

    /** As both dialects have it. */
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9_-]{1,64}");

    private ToolParser() {}

    /** Adds a fault for each call of a tool that the line does not offer, if it offers any. */
    static void checkCalls(List<JsonNode> tools, List<MessageParser.Turn> turns) {
        Set<String> names = new LinkedHashSet<>();
        tools.forEach(tool -> names.add(tool.path("function").path("name").asString("")));
        for (MessageParser.Turn turn : turns) {
            Message message = turn.message();
            List<ToolCall> calls = message == null || tools.isEmpty() ? List.of() : message.toolCalls();
            for (int i = 0; i < calls.size(); i++) {
                String name = calls.get(i).name();
                if (!names.contains(name)) {
                    String hint = Nearest.hint(name, names);
                    turn.source().faults().add(turn.source().pointer() + (turn.source().has("function_call")
                            ? "/function_call/name"
                            : "/tool_calls/" + i + "/function/name"),
                            "no tool is named " + quote(name) + "." + (hint.isEmpty()
                                    ? " The line's tools: " + String.join(", ", names.stream().limit(10).toList()) + "."
                                    : hint));
                }
            }
        }
    }

    /**
     * The tools as they are, keys in their order, and old {@code functions} as the tools that they mean; faults where
     * one is not a function with a name.
     */
    static List<JsonNode> tools(LineObject line) {
        if (line.has("functions")) {
            line.oneOf("tools", "functions");
            line.oneOf("available_tools", "functions");
            return functions(line);
        }
        Optional<String> key = line.oneOf("tools", "available_tools");
        JsonNode tools = key.map(line::get).orElse(null);
        if (key.isEmpty() || tools == null) {
            return List.of();
        }
        String pointer = line.pointerTo(key.get());
        if (!tools.isArray()) {
            line.fault(key.get(), "must be a list of tools, not " + kind(tools) + ".");
            return List.of();
        }
        Set<String> names = new HashSet<>();
        List<JsonNode> all = new ArrayList<>();
        for (int i = 0; i < tools.size(); i++) {
            LineObject.of(tools.get(i), pointer + "/" + i, line.faults()).ifPresent(tool -> checkTool(tool, names));
            all.add(tools.get(i));
        }
        return all;
    }

    private static void checkTool(LineObject tool, Set<String> names) {
        tool.checkKeys(TOOL_KEYS, Map.of());
        checkType(tool);
        Optional<LineObject> function = function(tool);
        if (function.isEmpty()) {
            return;
        }
        checkFunction(function.get(), names);
    }

    private static List<JsonNode> functions(LineObject line) {
        JsonNode functions = Objects.requireNonNull(line.get("functions"));
        if (!functions.isArray()) {
            line.fault("functions", "must be a list of functions, not " + kind(functions) + ".");
            return List.of();
        }
        Set<String> names = new HashSet<>();
        List<JsonNode> all = new ArrayList<>();
        for (int i = 0; i < functions.size(); i++) {
            LineObject.of(functions.get(i), line.pointerTo("functions") + "/" + i, line.faults())
                    .ifPresent(function -> checkFunction(function, names));
            all.add(Json.MAPPER.createObjectNode().put("type", "function").set("function", functions.get(i)));
        }
        return all;
    }

    private static void checkFunction(LineObject described, Set<String> names) {
        described.checkKeys(FUNCTION_KEYS, Map.of());
        described.requiredString("name").ifPresent(name -> {
            if (!NAME.matcher(name).matches()) {
                described.fault("name", "the name " + quote(name) + " must be 1 to 64 letters, digits, underscores or "
                        + "hyphens.");
            }
            if (!names.add(name)) {
                described.fault("name", "there are two tools named " + quote(name) + ".");
            }
        });
        described.string("description");
        JsonNode parameters = described.get("parameters");
        if (parameters != null) {
            ToolSchema.check(parameters, described.pointerTo("parameters"), described.faults());
        }
        JsonNode strict = described.get("strict");
        if (strict != null && !strict.isBoolean()) {
            described.fault("strict", "must be true or false.");
        }
    }

    private static void checkType(LineObject source) {
        source.string("type").filter(type -> !type.equals("function")).ifPresent(
                type -> source.fault("type", "type " + quote(type) + " is not supported. Use function."));
    }

    private static Optional<LineObject> function(LineObject source) {
        JsonNode function = source.get("function");
        if (function == null) {
            source.fault("\"function\" is missing.");
            return Optional.empty();
        }
        return LineObject.of(function, source.pointerTo("function"), source.faults());
    }

    /** The calls of an assistant message; those with faults are left out. */
    static List<ToolCall> calls(LineObject message, JsonNode calls) {
        String pointer = message.pointerTo("tool_calls");
        if (!calls.isArray()) {
            message.fault("tool_calls", "must be a list of calls, not " + kind(calls) + ".");
            return List.of();
        }
        Set<String> ids = new HashSet<>();
        List<ToolCall> all = new ArrayList<>();
        for (int i = 0; i < calls.size(); i++) {
            LineObject.of(calls.get(i), pointer + "/" + i, message.faults()).flatMap(call -> call(call, ids))
                    .ifPresent(all::add);
        }
        return all;
    }

    private static Optional<ToolCall> call(LineObject call, Set<String> ids) {
        call.checkKeys(CALL_KEYS, Map.of());
        checkType(call);
        Optional<String> id = call.requiredString("id");
        id.filter(value -> !ids.add(value))
                .ifPresent(value -> call.fault("id", "two calls of the message have the id " + quote(value) + "."));
        Optional<LineObject> function = function(call);
        if (function.isEmpty()) {
            return Optional.empty();
        }
        return id.flatMap(value -> call(function.get(), value));
    }

    /** An old {@code function_call} as the one call that it means; none when it has faults. */
    static List<ToolCall> functionCall(LineObject message, JsonNode call, String id) {
        return LineObject.of(call, message.pointerTo("function_call"), message.faults())
                .flatMap(called -> call(called, id)).map(List::of).orElse(List.of());
    }

    private static Optional<ToolCall> call(LineObject called, String id) {
        called.checkKeys(CALLED_KEYS, Map.of());
        Optional<String> name = called.requiredString("name");
        JsonNode given = called.get("arguments");
        String text = given != null && given.isString() ? ToolCall.meantBy(given.stringValue()) : null;
        Optional<JsonNode> arguments = arguments(called, given, text);
        return name.isPresent() && arguments.isPresent()
                ? Optional.of(new ToolCall(id, name.get(), arguments.get(), text))
                : Optional.empty();
    }

    private static Optional<JsonNode> arguments(LineObject function, @Nullable JsonNode given, @Nullable String text) {
        JsonNode arguments = given;
        if (arguments == null) {
            function.fault("\"arguments\" is missing. A call without arguments has \"{}\".");
            return Optional.empty();
        }
        if (text != null) {
            try {
                arguments = LineJson.parse(text);
            } catch (JacksonException e) {
                function.fault("arguments", "must be a string that holds a JSON object: " + LineJson.reason(e));
                return Optional.empty();
            }
            LineJson.checkSurrogates(arguments, function.pointerTo("arguments"), function.faults());
        }
        if (!arguments.isObject()) {
            function.fault("arguments", "must be a JSON object, as such or in a string, not " + kind(arguments) + ".");
            return Optional.empty();
        }
        return Optional.of(arguments);
    }
}
