package dev.luthier.server.api.mistral;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.luthier.server.model.BaseModel;
import dev.luthier.server.model.FineTunedModel;
import dev.luthier.server.model.Model;
import dev.luthier.server.model.ModelRegistry;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Models as Mistral's clients see them; OpenAI's keys are among them. Times are Unix seconds. */
final class ModelJson {
    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("yyyyMMdd", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    private static final String OWNER = "luthier";

    private ModelJson() {}

    /** What a model can do. */
    record CapabilitiesJson(boolean completionChat, boolean functionCalling, boolean reasoning, boolean completionFim,
            boolean fineTuning, boolean vision, boolean ocr, boolean classification, boolean moderation, boolean audio,
            boolean audioTranscription, boolean audioTranscriptionRealtime, boolean audioSpeech) {

        static CapabilitiesJson of(Optional<BaseModel> base, boolean fineTuning) {
            return new CapabilitiesJson(base.map(BaseModel::hasChatTemplate).orElse(false),
                    base.map(BaseModel::rendersTools).orElse(false), false, false, fineTuning, false, false, false,
                    false, false, false, false, false);
        }

        static CapabilitiesJson of(FineTunedModel tuned, Optional<BaseModel> base) {
            return tuned.classifier() == null
                    ? of(base, false)
                    : new CapabilitiesJson(false, false, false, false, false, false, false, true, false, false, false,
                            false, false);
        }
    }

    /**
     * An entry of the model list.
     *
     * @param type {@code base} or {@code fine-tuned}; the last three are there for the latter only
     * @param job empty for an adapter that no job of this server trained
     */
    record CardJson(String id, String object, long created, String ownedBy, CapabilitiesJson capabilities,
            @Nullable String name, @Nullable String description, int maxContextLength, List<String> aliases,
            @Nullable String deprecation, @Nullable String deprecationReplacementModel,
            @Nullable Double defaultModelTemperature, String type,
            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String job,
            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String root,
            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Boolean archived) {}

    record CardListJson(String object, List<CardJson> data) {}

    record DeletedJson(String id, String object, boolean deleted) {}

    record ArchivedJson(String id, String object, boolean archived) {}

    /** The few capabilities that model management tells of. */
    record TunedCapabilitiesJson(boolean completionChat, boolean completionFim, boolean functionCalling,
            boolean fineTuning, boolean classification) {

        static TunedCapabilitiesJson of(CapabilitiesJson all) {
            return new TunedCapabilitiesJson(all.completionChat(), all.completionFim(), all.functionCalling(),
                    all.fineTuning(), all.classification());
        }
    }

    /**
     * A fine-tuned model as model management shows it.
     *
     * @param workspaceId the project
     * @param rootVersion day of the base model's files
     * @param classifierTargets of a classifier alone
     */
    record TunedJson(String id, String object, long created, String ownedBy, String workspaceId, String root,
            String rootVersion, boolean archived, @Nullable String name, @Nullable String description,
            TunedCapabilitiesJson capabilities, int maxContextLength, List<String> aliases, @Nullable String job,
            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable List<ClassifierTargetJson> classifierTargets,
            String modelType) {}

    static CardJson card(Model model, ModelRegistry registry) {
        return switch (model) {
            case BaseModel base -> new CardJson(base.name(), "model", base.createdAtMillis() / 1000, OWNER,
                    CapabilitiesJson.of(Optional.of(base), true), base.name(), null, base.contextTokens(),
                    base.aliases(), null, null, null, "base", null, null, null);
            case FineTunedModel tuned -> {
                Optional<BaseModel> base = registry.base(tuned.baseName());
                yield new CardJson(tuned.mistralName(), "model", tuned.createdAtMillis() / 1000, tuned.organization(),
                        CapabilitiesJson.of(tuned, base), tuned.name(), tuned.description(),
                        base.map(BaseModel::contextTokens).orElse(0), List.of(tuned.openaiName()), null, null, null,
                        "fine-tuned", tuned.job() == null ? "" : tuned.job().toString(), tuned.root(),
                        tuned.archived());
            }
        };
    }

    static TunedJson tuned(FineTunedModel model, ModelRegistry registry) {
        Optional<BaseModel> base = registry.base(model.baseName());
        return new TunedJson(model.mistralName(), "model", model.createdAtMillis() / 1000, model.organization(),
                model.project(), model.root(),
                base.map(found -> DAY.format(Instant.ofEpochMilli(found.createdAtMillis()))).orElse(""),
                model.archived(), model.name(), model.description(),
                TunedCapabilitiesJson.of(CapabilitiesJson.of(model, base)),
                base.map(BaseModel::contextTokens).orElse(0), List.of(model.openaiName()),
                model.job() == null ? null : model.job().toString(),
                model.classifier() == null ? null : ClassifierTargetJson.of(model.classifier()),
                model.classifier() == null ? "completion" : "classifier");
    }
}
