package dev.luthier.server.api.openai;

import dev.luthier.core.json.Json;
import dev.luthier.server.api.Ids;
import dev.luthier.server.job.Job;
import dev.luthier.server.job.JobFile;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a job, its files and its model are called here. Texts and facts are stored with UUIDs and the Mistral form of
 * the model's name; this writes them as OpenAI's clients know them.
 */
final class OpenAiNames {
    private static final Pattern UUIDS = Pattern.compile("\\p{XDigit}{8}(?:-\\p{XDigit}{4}){3}-\\p{XDigit}{12}");

    private final Map<UUID, String> ids = new HashMap<>();
    private final @Nullable String storedModel;
    private final String model;

    private OpenAiNames(@Nullable String storedModel, @Nullable String model) {
        this.storedModel = model == null ? null : storedModel;
        this.model = model == null ? "" : model;
    }

    static OpenAiNames of(Job job) {
        OpenAiNames names = new OpenAiNames(job.fineTunedModel(), job.openAiModel());
        names.ids.put(job.id(), Ids.openAi(Ids.JOB, job.id()));
        Stream.concat(job.request().trainingFiles().stream(), job.request().validationFiles().stream())
                .map(JobFile::id).forEach(names::file);
        if (job.resultFile() != null) {
            names.file(job.resultFile());
        }
        return names;
    }

    private void file(UUID id) {
        ids.put(id, Ids.openAi(Ids.FILE, id));
    }

    /** The text with the names that are used here; what is not the job's stays as it is. */
    String in(String text) {
        String renamed = UUIDS.matcher(text)
                .replaceAll(match -> ids.getOrDefault(UUID.fromString(match.group()), match.group()));
        return storedModel == null ? renamed : renamed.replace(storedModel, model);
    }

    /** The same for every text inside a JSON value. */
    JsonNode in(JsonNode value) {
        if (value.isString()) {
            return Json.MAPPER.getNodeFactory().stringNode(in(value.stringValue()));
        }
        if (value instanceof ObjectNode object) {
            ObjectNode renamed = Json.MAPPER.createObjectNode();
            object.properties().forEach(member -> renamed.set(member.getKey(), in(member.getValue())));
            return renamed;
        }
        if (value instanceof ArrayNode array) {
            ArrayNode renamed = Json.MAPPER.createArrayNode();
            array.forEach(element -> renamed.add(in(element)));
            return renamed;
        }
        return value;
    }
}
