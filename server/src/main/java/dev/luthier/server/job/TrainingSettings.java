package dev.luthier.server.job;

import dev.luthier.core.plan.Arithmetic;
import dev.luthier.core.run.MemoryTier;
import dev.luthier.core.run.Quantization;
import dev.luthier.core.run.RunSpec;
import dev.luthier.core.run.Task;
import dev.luthier.server.training.TrainingKey;
import dev.luthier.server.training.TrainingRecipe;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a job's adapter is trained, decided when the job is made and kept with it: what the server's settings become
 * later does not change it.
 *
 * @param lora shape of the adapter; that of the model whose training goes on, if one does
 * @param baseType type of the frozen base: {@code bf16}, {@code fp32}, or {@code auto} for what suits the machine
 * @param packTokens tokens that pass through the model at once; 0 is left to the plan
 * @param samplesPerStep of a request that names no batch size, unless {@code batchTokens} says it; counts sequences, of
 *     which a preference pair has two
 * @param batchTokens tokens of an optimizer step, on average; 0 when its samples are counted
 * @param maxSampleTokens longest sample; 0 for the base model's context
 * @param memoryTier null is left to the plan
 * @param selection which step's adapter it ends with, and when it stops early
 * @param dpoSftWeight of the preferred answers' own loss in a preference training
 * @param dpoLengthNormalized whether a preference training divides an answer's log-probability by its tokens
 * @param recipe name of the recipe that the model's alias chose; null without one
 */
public record TrainingSettings(RunSpec.Lora lora, String baseType, Quantization quantization, int packTokens,
        int samplesPerStep, int batchTokens, int maxSampleTokens, @Nullable MemoryTier memoryTier,
        RunSpec.Selection selection, double dpoSftWeight, boolean dpoLengthNormalized, @Nullable String recipe) {
    /** What holds when nobody says anything. */
    static final TrainingSettings BUILT_IN = of(TrainingRecipe.BUILT_IN, null, "bf16", 16,
            RunSpec.Selection.LAST, null);

    /**
     * @param all says everything
     * @param start shape of the adapter that training goes on from; null for a new one
     */
    static TrainingSettings of(TrainingRecipe all, RunSpec.@Nullable Lora start, String baseType, int samplesPerStep,
            RunSpec.Selection selection, @Nullable String recipe) {
        RunSpec.Lora fresh = new RunSpec.Lora(all.orBuiltIn(TrainingKey.RANK), all.orBuiltIn(TrainingKey.ALPHA),
                all.orBuiltIn(TrainingKey.TARGETS), all.orBuiltIn(TrainingKey.RS_LORA), all.orBuiltIn(TrainingKey.DORA),
                all.orBuiltIn(TrainingKey.TOP_LAYERS));
        return new TrainingSettings(start == null ? fresh : start, baseType, all.orBuiltIn(TrainingKey.QUANTIZATION),
                all.orBuiltIn(TrainingKey.PACK_TOKENS).orElse(0), samplesPerStep,
                all.orBuiltIn(TrainingKey.BATCH_TOKENS),
                all.orBuiltIn(TrainingKey.MAX_SAMPLE_TOKENS), all.orBuiltIn(TrainingKey.MEMORY_TIER).orElse(null),
                selection, all.orBuiltIn(TrainingKey.DPO_SFT_WEIGHT),
                all.orBuiltIn(TrainingKey.DPO_LENGTH_NORMALIZED), recipe);
    }

    /** The same with steps of a number of samples, whatever their tokens. */
    TrainingSettings countingSamples() {
        return new TrainingSettings(lora, baseType, quantization, packTokens, samplesPerStep, 0, maxSampleTokens,
                memoryTier, selection, dpoSftWeight, dpoLengthNormalized, recipe);
    }

    /** What a planned job trains with, under the names of the keys, for people and programs that read it. */
    public Map<String, Object> facts(JobPlan plan) {
        Map<String, Object> facts = new LinkedHashMap<>();
        if (recipe != null) {
            facts.put("recipe", recipe);
        }
        facts.put(TrainingKey.RANK.name(), lora.rank());
        facts.put(TrainingKey.ALPHA.name(), lora.alpha());
        facts.put(TrainingKey.TARGETS.name(), lora.targets());
        facts.put(TrainingKey.RS_LORA.name(), lora.rsLora());
        facts.put(TrainingKey.DORA.name(), lora.dora());
        facts.put(TrainingKey.TOP_LAYERS.name(), lora.topLayers());
        Arithmetic arithmetic = plan.arithmetic();
        facts.put("base_type", arithmetic == null ? baseType : arithmetic.baseType());
        facts.put(TrainingKey.QUANTIZATION.name(),
                (arithmetic == null ? quantization : arithmetic.quantization()).label());
        if (arithmetic != null) {
            facts.put("threads", arithmetic.threads());
            facts.put("base_type_reason", arithmetic.reason());
        }
        facts.put(TrainingKey.PACK_TOKENS.name(), plan.microBatchTokens());
        if (batchTokens > 0) {
            facts.put(TrainingKey.BATCH_TOKENS.name(), batchTokens);
        }
        facts.put("samples_per_step", plan.samplesPerStep());
        facts.putAll(plan.expectations());
        facts.put(TrainingKey.MAX_SAMPLE_TOKENS.name(), plan.maxSampleTokens());
        facts.put(TrainingKey.BEST_CHECKPOINT.name(), selection.best());
        facts.put(TrainingKey.EARLY_STOPPING_ENABLED.name(), selection.patience() > 0);
        if (selection.patience() > 0) {
            facts.put(TrainingKey.EARLY_STOPPING_PATIENCE.name(), selection.patience());
            facts.put(TrainingKey.EARLY_STOPPING_MIN_DELTA.name(), selection.minDelta());
            facts.put(TrainingKey.EARLY_STOPPING_WARMUP_EVALS.name(), selection.warmupEvaluations());
        }
        if (selection.evaluations() > 0) {
            facts.put(TrainingKey.N_EVALS.name(), selection.evaluations());
        }
        if (plan.task() instanceof Task.Preference preference) {
            facts.put("beta", preference.beta());
            facts.put(TrainingKey.DPO_SFT_WEIGHT.name(), preference.sftWeight());
            facts.put(TrainingKey.DPO_LENGTH_NORMALIZED.name(), preference.lengthNormalized());
        }
        return facts;
    }

    /** One sentence for people: {@code LoRA of rank 16 and alpha 32 on all linear layers of every decoder layer, base in bf16}. */
    public String describe(JobPlan plan) {
        Arithmetic arithmetic = plan.arithmetic();
        String kind = (lora.rsLora() ? "rsLoRA" : "LoRA") + (lora.dora() ? " with DoRA" : "");
        String layers = lora.targets().equals(RunSpec.Lora.LINEAR_LAYERS)
                ? "all linear layers"
                : String.join(", ", lora.targets());
        return kind + " of rank " + lora.rank() + " and alpha " + plain(lora.alpha()) + " on " + layers + " of "
                + decoderLayers() + ", base in "
                + (arithmetic == null ? baseType : arithmetic.describe())
                + (recipe == null ? "" : " (recipe " + recipe + ")");
    }

    private String decoderLayers() {
        return switch (lora.topLayers()) {
            case 0 -> "every decoder layer";
            case 1 -> "the topmost decoder layer";
            default -> "the top " + lora.topLayers() + " decoder layers";
        };
    }

    private static String plain(double number) {
        return number == Math.rint(number) ? Long.toString((long) number) : Double.toString(number);
    }
}
