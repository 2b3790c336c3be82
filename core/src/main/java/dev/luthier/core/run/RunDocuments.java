package dev.luthier.core.run;

import dev.luthier.core.json.StoredJson;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The JSON documents of a run directory, and how those of earlier programs are read. */
public final class RunDocuments {
    /** {@code run.json}. */
    public static final StoredJson<RunSpec> SPEC = StoredJson.of(RunSpec.class, RunSpec.VERSION,
            (spec, version) -> upgradeSpec(spec));
    /** {@code outcome.json}. */
    public static final StoredJson<Outcome> OUTCOME = StoredJson.of(Outcome.class, 1, (outcome, version) -> {
        if (outcome.path("outcome").asString("").equals("trained")) {
            StoredJson.absent(outcome, "selected", null);
        }
    });
    /** A line of {@code progress.jsonl}. */
    public static final StoredJson<Progress> PROGRESS = StoredJson.of(Progress.class, 1,
            (progress, version) -> {
                if (List.of("step", "metric").contains(progress.path("type").asString(""))) {
                    StoredJson.absent(progress, "figures", Map.of());
                }
            });

    /** {@code trainer.json}. */
    static final StoredJson<TrainerProcess> TRAINER = StoredJson.of(TrainerProcess.class);

    private RunDocuments() {}

    private static void upgradeSpec(ObjectNode spec) {
        upgradeLora(spec.path("lora"));
        if (spec.path("numerics") instanceof ObjectNode numerics) {
            JsonNode recompute = numerics.remove("recompute"); // before there were tiers
            StoredJson.absent(numerics, "memoryTier", recompute != null && recompute.asBoolean(false)
                    ? MemoryTier.RECOMPUTE_LAYERS
                    : MemoryTier.KEEP);
        }
        StoredJson.absent(spec, "numerics.quantization", Quantization.NONE);
        StoredJson.absent(spec, "numerics.device", ComputeDevice.CPU);
        StoredJson.absent(spec, "numerics.reuseBytes", 0);
        StoredJson.absent(spec, "selection", RunSpec.Selection.LAST);
        StoredJson.absent(spec, "task", Task.SUPERVISED); // version 1 knew no other
    }

    /** Brings the shape of an adapter up to date, in whatever document it stands. */
    public static void upgradeLora(JsonNode lora) {
        StoredJson.absent(lora, "rsLora", false);
        StoredJson.absent(lora, "dora", false);
        StoredJson.absent(lora, "topLayers", 0);
    }
}
