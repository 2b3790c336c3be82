package dev.luthier.server.training;

import dev.luthier.core.run.MemoryTier;
import dev.luthier.core.run.Quantization;
import dev.luthier.core.run.RunSpec;
import dev.luthier.core.run.TrainingDefaults;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * One thing that can be said about a training, under one name wherever it is said: {@code luthier.rank} in OpenAI's
 * metadata, {@code rank} in the header of requests and in recipes, {@code training.rank} as the server's default.
 *
 * @param name in lower case, words joined by underscores
 * @param description one line for {@code --help}
 * @param allowed completes the sentence "KEY must be ..."
 * @param parser the value of a text; empty for a text that is not allowed
 * @param builtIn what holds when nobody says anything
 */
public record TrainingKey<T>(String name, String description, String allowed, Function<String, Optional<T>> parser,
        T builtIn) {
    private static final double MIN_ALPHA = 0.001;
    private static final double MAX_ALPHA = 4096;
    private static final Pattern DECIMAL = Pattern.compile("\\d{1,9}(\\.\\d{1,18})?");
    private static final int MAX_TOKENS = 1 << 24;
    private static final int MAX_EVALUATIONS = 1000;

    public static final TrainingKey<Integer> RANK = whole("rank", 1, 512, TrainingDefaults.RANK,
            "rank of new adapters");
    public static final TrainingKey<Double> ALPHA = new TrainingKey<>("alpha",
            "alpha of new adapters; they are scaled by alpha / rank", "a number from 0.001 to 4096",
            text -> decimal(text, MIN_ALPHA, MAX_ALPHA), TrainingDefaults.ALPHA);
    public static final TrainingKey<List<String>> TARGETS = new TrainingKey<>("targets",
            "linear layers that new adapters adapt, joined by +; all for every one",
            "all, or names joined by +, each once, of " + String.join(", ", RunSpec.Lora.LINEAR_LAYERS),
            TrainingKey::targets, RunSpec.Lora.LINEAR_LAYERS);
    public static final TrainingKey<Boolean> RS_LORA = flag("rs_lora",
            "scale new adapters by alpha / sqrt(rank) (rsLoRA)");
    public static final TrainingKey<Boolean> DORA = flag("dora",
            "let magnitude and direction of the weights learn apart (DoRA)");
    public static final TrainingKey<Integer> TOP_LAYERS = whole("top_layers", 0, 10_000, 0,
            "decoder layers that new adapters adapt, counted from the last; 0 for all");
    public static final TrainingKey<Quantization> QUANTIZATION = choice("quantization", Quantization.NONE,
            Arrays.stream(Quantization.values()).map(one -> new Choice<>(one.label(), one)).toList(),
            "how the linear layers of the base model lie in memory: none or nf4");
    public static final TrainingKey<Optional<Integer>> PACK_TOKENS = orAuto(whole("pack_tokens", 16, 1 << 20, 0,
            "tokens that pass through the model at once, or auto; less needs less memory"));
    public static final TrainingKey<Integer> BATCH_TOKENS = whole("batch_tokens", 0, MAX_TOKENS, 0,
            "tokens of an optimizer step, on average; 0 counts its samples instead");
    public static final TrainingKey<Optional<MemoryTier>> MEMORY_TIER = choice("memory_tier", Optional.empty(),
            Stream.concat(Stream.of(new Choice<>("auto", Optional.<MemoryTier>empty())), Arrays.stream(
                    MemoryTier.values()).map(one -> new Choice<>(one.label(), Optional.of(one)))).toList(),
            "what is kept from the forward to the backward pass: auto, keep, recompute_elementwise, recompute_layers");
    public static final TrainingKey<Integer> MAX_SAMPLE_TOKENS = whole("max_sample_tokens", 0, MAX_TOKENS, 0,
            "longest sample, a longer one is a fault; 0 for the context of the base model");
    public static final TrainingKey<Boolean> BEST_CHECKPOINT = flag("best_checkpoint",
            "end with the adapter of the least validation loss instead of the last step's");
    public static final TrainingKey<Boolean> EARLY_STOPPING_ENABLED = flag("early_stopping_enabled",
            "stop when the validation loss falls no more, with the best adapter");
    public static final TrainingKey<Integer> EARLY_STOPPING_PATIENCE = whole("early_stopping_patience", 1,
            MAX_EVALUATIONS, 2, "evaluations in a row without a gain before a run stops");
    public static final TrainingKey<Double> EARLY_STOPPING_MIN_DELTA = new TrainingKey<>("early_stopping_min_delta",
            "by how much more than this the validation loss must fall to be a gain", "a number from 0 to 100",
            text -> decimal(text, 0, 100), 0.0);
    public static final TrainingKey<Integer> EARLY_STOPPING_WARMUP_EVALS = whole("early_stopping_warmup_evals", 0,
            MAX_EVALUATIONS, 1, "first evaluations that early stopping does not count");
    public static final TrainingKey<Integer> N_EVALS = whole("n_evals", 0, MAX_EVALUATIONS, 0,
            "evaluations on the validation files, evenly over the run; 0 for every 10 % of it");
    public static final TrainingKey<Double> DPO_SFT_WEIGHT = new TrainingKey<>("dpo_sft_weight",
            "of the preferred answers' own loss, added to that of a preference training", "a number from 0 to 1000",
            text -> decimal(text, 0, 1000), 0.0);
    public static final TrainingKey<Boolean> DPO_LENGTH_NORMALIZED = flag("dpo_length_normalized",
            "divide an answer's log-probability by its tokens in a preference training");

    /** In the order in which they are listed. */
    public static final List<TrainingKey<?>> ALL = List.of(RANK, ALPHA, TARGETS, RS_LORA, DORA, TOP_LAYERS,
            QUANTIZATION, PACK_TOKENS, BATCH_TOKENS, MEMORY_TIER, MAX_SAMPLE_TOKENS, BEST_CHECKPOINT,
            EARLY_STOPPING_ENABLED, EARLY_STOPPING_PATIENCE, EARLY_STOPPING_MIN_DELTA, EARLY_STOPPING_WARMUP_EVALS,
            N_EVALS, DPO_SFT_WEIGHT, DPO_LENGTH_NORMALIZED);
    /** Those that say what a new adapter looks like. */
    public static final List<TrainingKey<?>> SHAPE = List.of(RANK, ALPHA, TARGETS, RS_LORA, DORA, TOP_LAYERS);
    /** Those that only a preference training follows. */
    public static final List<TrainingKey<?>> PREFERENCE = List.of(DPO_SFT_WEIGHT, DPO_LENGTH_NORMALIZED);

    private record Choice<T>(String word, T value) {}

    /** The key of a name, whose words may also be joined by hyphens, as in settings. */
    public static Optional<TrainingKey<?>> of(String name) {
        String plain = name.replace('-', '_');
        for (TrainingKey<?> key : ALL) {
            if (key.name().equals(plain)) {
                return Optional.of(key);
            }
        }
        return Optional.empty();
    }

    /** The name as settings spell it: {@code top-layers}. */
    public String settingName() {
        return name.replace('_', '-');
    }

    private static TrainingKey<Integer> whole(String name, int minimum, int maximum, int builtIn, String description) {
        return new TrainingKey<>(name, description, "a whole number from " + minimum + " to " + maximum, text -> {
            int value = text.matches("\\d{1,9}") ? Integer.parseInt(text) : -1;
            return value < minimum || value > maximum ? Optional.empty() : Optional.of(value);
        }, builtIn);
    }

    /** The same key with one more value, {@code auto}, which holds when nobody says anything: the plan decides. */
    private static <T> TrainingKey<Optional<T>> orAuto(TrainingKey<T> key) {
        return new TrainingKey<>(key.name, key.description, "auto or " + key.allowed,
                text -> text.equals("auto")
                        ? Optional.of(Optional.empty())
                        : key.parser.apply(text).stream().map(Optional::of).findFirst(),
                Optional.empty());
    }

    private static TrainingKey<Boolean> flag(String name, String description) {
        return choice(name, false, List.of(new Choice<>("true", true), new Choice<>("false", false)), description);
    }

    private static <T> TrainingKey<T> choice(String name, T builtIn, List<Choice<T>> choices, String description) {
        List<String> words = choices.stream().map(Choice::word).toList();
        String allowed = words.size() > 2 ? "one of " + String.join(", ", words) : String.join(" or ", words);
        return new TrainingKey<>(name, description, allowed, text -> choices.stream()
                .filter(choice -> choice.word().equals(text)).findFirst().map(Choice::value), builtIn);
    }

    private static Optional<Double> decimal(String text, double minimum, double maximum) {
        return DECIMAL.matcher(text).matches()
                ? Optional.of(Double.valueOf(text)).filter(value -> value >= minimum && value <= maximum)
                : Optional.empty();
    }

    /** In the order of {@link RunSpec.Lora#LINEAR_LAYERS}, whatever the order of the names. */
    private static Optional<List<String>> targets(String text) {
        if (text.equals("all")) {
            return Optional.of(RunSpec.Lora.LINEAR_LAYERS);
        }
        List<String> named = new ArrayList<>();
        for (String name : text.split("\\+", -1)) {
            String layer = name.strip();
            if (!RunSpec.Lora.LINEAR_LAYERS.contains(layer) || named.contains(layer)) {
                return Optional.empty();
            }
            named.add(layer);
        }
        return Optional.of(RunSpec.Lora.LINEAR_LAYERS.stream().filter(named::contains).toList());
    }
}
