package dev.luthier.core.model;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Reads rotary settings in both styles: {@code rope_theta} beside {@code rope_scaling}, and {@code rope_parameters}
 * with everything inside. As in transformers, a filled {@code rope_scaling} wins over {@code rope_parameters}.
 */
final class RopeReader {

    private static final double DEFAULT_THETA = 10_000;

    private final FieldReader config;
    private final List<String> faults;

    RopeReader(FieldReader config, List<String> faults) {
        this.config = config;
        this.faults = faults;
    }

    Rope read(int maxPositions) {
        double outerTheta = config.positiveNumber("rope_theta", DEFAULT_THETA);
        int original = config.positive("original_max_position_embeddings", 0);
        String name = "rope_scaling";
        JsonNode settings = filled(name);
        JsonNode current = filled("rope_parameters");
        if (settings == null) {
            name = "rope_parameters";
            settings = current;
        }
        if (settings == null) {
            return new Rope(outerTheta, new RopeScaling.None());
        }
        FieldReader fields = new FieldReader(settings, name + ".", faults);
        Rope rope = new Rope(fields.positiveNumber("rope_theta", outerTheta), scaling(fields, original, maxPositions));
        fields.mustBe("partial_rotary_factor", 1);
        for (String unknown : fields.unasked()) {
            fields.fault(unknown, "is not known for this kind of rotary scaling");
        }
        return rope;
    }

    private @Nullable JsonNode filled(String name) {
        JsonNode value = config.get(name);
        if (value != null && !value.isObject()) {
            config.fault(name, "must be an object, but is " + value);
            return null;
        }
        return value == null || value.isEmpty() ? null : value;
    }

    private RopeScaling scaling(FieldReader fields, int original, int maxPositions) {
        String older = fields.text("type");
        String current = fields.text("rope_type");
        String kind = current != null ? current : older != null ? older : "default";
        return switch (kind) {
            case "default" -> new RopeScaling.None();
            case "linear" -> new RopeScaling.Linear(required(fields, "factor"));
            case "llama3" -> new RopeScaling.Llama3(required(fields, "factor"), required(fields, "low_freq_factor"),
                    required(fields, "high_freq_factor"), originalPositions(fields, original, maxPositions));
            case "yarn" -> yarn(fields, original, maxPositions);
            default -> {
                fields.fault(current != null ? "rope_type" : "type",
                        "is '" + kind + "'; supported are default, linear, llama3 and yarn");
                yield new RopeScaling.None();
            }
        };
    }

    private RopeScaling yarn(FieldReader fields, int original, int maxPositions) {
        int originalPositions = originalPositions(fields, original, maxPositions);
        double factor = fields.isNamed("factor") && !fields.has("factor")
                ? (double) maxPositions / originalPositions
                : required(fields, "factor");
        return new RopeScaling.Yarn(factor, originalPositions, fields.positiveNumber("beta_fast", 32),
                fields.positiveNumber("beta_slow", 1),
                fields.has("attention_factor") ? fields.positiveNumber("attention_factor", 1) : null,
                fields.notNegativeNumber("mscale", 0), fields.notNegativeNumber("mscale_all_dim", 0),
                fields.flag("truncate", true));
    }

    private int originalPositions(FieldReader fields, int outer, int maxPositions) {
        int inner = fields.positive("original_max_position_embeddings", maxPositions);
        return outer > 0 ? outer : inner;
    }

    private static double required(FieldReader fields, String name) {
        if (!fields.has(name)) {
            fields.fault(name, "is missing");
        }
        return fields.positiveNumber(name, 1);
    }
}
