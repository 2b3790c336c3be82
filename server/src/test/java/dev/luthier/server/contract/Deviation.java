package dev.luthier.server.contract;

import dev.luthier.core.json.Json;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Something that is meant to be other than a document says. It is corrected before a response is checked.
 *
 * @param document what would complain
 * @param path what was asked for, as a regular expression
 * @param correction makes an object of the response, at whatever depth, as documented
 * @param reason why
 */
record Deviation(OfficialDocument document, String path, Consumer<ObjectNode> correction, String reason) {

    private static final String JOBS = "(/mistral)?/v1/fine_tuning/jobs.*";
    private static final String UNTIL_SUCCESS = "null until the job has succeeded, as clients that wait for it expect";
    private static final String ANY_NUMBER = "the service's own description allows any number from 0";

    private static final String BOTH = "a client of which nothing is known gets the fields of both vendors, and Mistral"
            + " has null there";

    /** Every one there is. */
    private static final List<Deviation> ALL = List.of(//
            new Deviation(OfficialDocument.MISTRAL, JOBS, leaveOut("fine_tuned_model", JsonNode::isNull),
                    UNTIL_SUCCESS),
            new Deviation(OfficialDocument.MISTRAL_FINE_TUNING, JOBS, leaveOut("fine_tuned_model", JsonNode::isNull),
                    UNTIL_SUCCESS),
            new Deviation(OfficialDocument.MISTRAL, JOBS,
                    leaveOut("learning_rate", rate -> rate.doubleValue() > 1 || rate.doubleValue() < 1e-8),
                    ANY_NUMBER),
            new Deviation(OfficialDocument.MISTRAL, JOBS, leaveOut("weight_decay", decay -> decay.doubleValue() > 1),
                    ANY_NUMBER),
            new Deviation(OfficialDocument.MISTRAL, "(/mistral)?/v1/chat/completions", Deviation::addData,
                    "the document wants a field that neither its own examples nor the service have"),
            new Deviation(OfficialDocument.OPENAI, "(/openai)?/v1/fine_tuning/jobs.*", Deviation::callPausedQueued,
                    "a server shows it if the setting openai.paused-status says so"),
            new Deviation(OfficialDocument.OPENAI, "(/openai)?/v1/completions", Deviation::giveFirstTokenProbability,
                    "nothing comes before the first token of an echoed prompt: the service has null there as well"),
            new Deviation(OfficialDocument.OPENAI, "/v1/files.*", leaveOut("expires_at", JsonNode::isNull), BOTH),
            new Deviation(OfficialDocument.OPENAI, "/v1/chat/completions", leaveOut("tool_calls", JsonNode::isNull),
                    BOTH));

    private static Consumer<ObjectNode> leaveOut(String field, Predicate<JsonNode> value) {
        return object -> {
            if (object.has(field) && value.test(object.get(field))) {
                object.remove(field);
            }
        };
    }

    private static void addData(ObjectNode object) {
        if (object.path("object").stringValue("").equals("chat.completion")) {
            object.put("data", "");
        }
    }

    private static void callPausedQueued(ObjectNode object) {
        if (object.path("status").stringValue("").equals("paused")) {
            object.put("status", "queued");
        }
    }

    private static void giveFirstTokenProbability(ObjectNode object) {
        if (object.path("token_logprobs").path(0).isNull()) {
            ((ArrayNode) object.get("token_logprobs")).set(0, 0.0);
        }
        if (object.path("top_logprobs").path(0).isNull()) {
            ((ArrayNode) object.get("top_logprobs")).set(0, Json.MAPPER.createObjectNode());
        }
    }

    /** The response as the document would have it. */
    static JsonNode without(OfficialDocument document, String path, JsonNode response) {
        JsonNode checked = response.deepCopy();
        for (Deviation deviation : ALL) {
            if (deviation.document == document && path.matches(deviation.path)) {
                deviation.correct(checked);
            }
        }
        return checked;
    }

    private void correct(JsonNode node) {
        if (node instanceof ObjectNode object) {
            correction.accept(object);
        }
        node.valueStream().forEach(this::correct);
    }
}
