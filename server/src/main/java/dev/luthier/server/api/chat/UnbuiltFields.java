package dev.luthier.server.api.chat;

import dev.luthier.server.api.Fields;

/** Refuses what both vendors have, write alike and this server does not build yet. */
public final class UnbuiltFields {
    private UnbuiltFields() {}

    public static void refuse(Fields body) {
        if (body.has("response_format")) {
            Fields format = body.object("response_format");
            format.notBuiltUnless("type", "text", "Ask for JSON in the messages.");
            format.notBuilt("json_schema", "Describe the schema in the messages.");
        }
        if (body.has("prediction")) {
            Fields prediction = body.object("prediction");
            prediction.notBuiltUnless("type", "content", "Leave it out.");
            prediction.notBuiltUnless("content", "", "Leave it out.");
        }
        body.notBuiltUnless("store", false, "Leave it out.");
    }
}
