package dev.luthier.server.api.chat;

import dev.luthier.server.api.FieldValue;
import dev.luthier.server.api.Fields;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Reads {@code tools} and {@code tool_choice}, which both vendors write alike. */
public final class ToolFields {
    private static final Map<String, Boolean> CHOICES = Map.of("auto", true, "none", false);

    private ToolFields() {}

    /** The tools as they came, for the template; none when the model may not call any. */
    public static List<JsonNode> read(Fields body) {
        List<JsonNode> tools = new ArrayList<>();
        for (FieldValue element : body.list("tools")) {
            element.requireGiven();
            Fields tool = element.object();
            if (isFunction(tool)) {
                tool.value("function").requireGiven();
                readFunction(tool.object("function"));
                tools.add(element.node());
            }
        }
        return mayCall(body.value("tool_choice")) ? tools : List.of();
    }

    /** Checks the description of a function. */
    public static void readFunction(Fields function) {
        function.text("name").notEmpty().required();
        function.text("description").orNull();
        function.notBuiltUnless("strict", false,
                "The arguments of a call cannot be held to a schema. Leave it out.");
        function.object("parameters").members();
    }

    private static boolean isFunction(Fields tool) {
        String type = tool.text("type").orElse("function");
        if (!type.equals("function")) {
            tool.value("type").fault("not_built",
                    "Tools of type " + type + " are not built yet. Describe the tool as a function.");
            tool.members();
        }
        return type.equals("function");
    }

    /** Whether the model may call functions. */
    public static boolean mayCall(FieldValue choice) {
        boolean forced = choice.node().isObject()
                || (choice.isText() && List.of("any", "required").contains(choice.node().stringValue()));
        if (forced) {
            choice.fault("not_built", choice.name() + " " + choice.node()
                    + " is not built yet: the model cannot be made to call a tool. Use auto or none.");
            return true;
        }
        return choice.choice(CHOICES).orElse(true);
    }
}
