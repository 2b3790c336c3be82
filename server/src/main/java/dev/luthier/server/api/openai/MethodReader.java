package dev.luthier.server.api.openai;

import dev.luthier.server.api.FieldValue;
import dev.luthier.server.api.Fields;
import dev.luthier.server.job.Hyperparameters;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads how a job is to be trained: {@code method}, and {@code hyperparameters} at the top as clients from before there
 * were methods send it. Each number may be {@code "auto"}, which leaves it to the plan.
 */
final class HyperparametersReader {
    static final String EPOCHS = "n_epochs";
    static final String BATCH_SIZE = "batch_size";
    static final String MULTIPLIER = "learning_rate_multiplier";
    private static final List<String> NAMES = List.of(EPOCHS, BATCH_SIZE, MULTIPLIER);

    private static final String SUPERVISED = "supervised";
    private static final Set<String> NOT_BUILT = Set.of("dpo", "reinforcement");
    private static final int MAX_EPOCHS = 50;
    private static final int MAX_BATCH_SIZE = 256;

    private HyperparametersReader() {}

    static Hyperparameters read(Fields body) {
        Fields old = body.object("hyperparameters");
        Fields method = supervised(body);
        for (String name : NAMES) {
            if (old.has(name) && method.has(name) && !old.value(name).node().equals(method.value(name).node())) {
                old.value(name).fault("contradiction", old.value(name).name() + " and " + method.value(name).name()
                        + " differ. Give one of them.");
            }
        }
        Long epochs = whole(method, old, EPOCHS, MAX_EPOCHS);
        Long batchSize = whole(method, old, BATCH_SIZE, MAX_BATCH_SIZE);
        return new Hyperparameters(null, epochs == null ? null : Double.valueOf(epochs), rate(method, old),
                Hyperparameters.WEIGHT_DECAY, Hyperparameters.WARMUP_FRACTION, null,
                batchSize == null ? null : Integer.valueOf(batchSize.intValue()));
    }

    /** The method's hyperparameters; those of an absent one are empty. */
    private static Fields supervised(Fields body) {
        Fields method = body.object("method");
        FieldValue type = method.value("type");
        String name = type.text().orElse("");
        if (NOT_BUILT.contains(name)) {
            type.fault("not_built", "The method " + name + " is not built yet. Use supervised.");
            method.accept("dpo", "reinforcement");
        } else if (type.isText() && !name.equals(SUPERVISED)) {
            type.fault("unknown_value", "method.type must be supervised; dpo and reinforcement are not built yet.");
        } else {
            if (body.has("method")) {
                type.requireGiven();
            }
            for (String other : NOT_BUILT.stream().sorted().toList()) {
                if (method.has(other)) {
                    method.value(other).fault("not_built",
                            "The method " + other + " is not built yet. Leave " + other + " out.");
                }
            }
        }
        return method.object(SUPERVISED).object("hyperparameters");
    }

    private static @Nullable Long whole(Fields method, Fields old, String name, int maximum) {
        Long first = isAuto(method, name, "a whole number")
                ? null
                : method.integer(name).atLeast(1).atMost(maximum).orNull();
        Long second = isAuto(old, name, "a whole number")
                ? null
                : old.integer(name).atLeast(1).atMost(maximum).orNull();
        return first == null ? second : first;
    }

    private static @Nullable Double rate(Fields method, Fields old) {
        Double first = isAuto(method, MULTIPLIER, "a number") ? null : method.number(MULTIPLIER).moreThan(0).orNull();
        Double second = isAuto(old, MULTIPLIER, "a number") ? null : old.number(MULTIPLIER).moreThan(0).orNull();
        Double multiplier = first == null ? second : first;
        return multiplier == null || !Double.isFinite(multiplier) ? null : RateMultiplier.rate(multiplier);
    }

    /** Whether the value is a text; any other than {@code auto} is a fault. */
    private static boolean isAuto(Fields fields, String name, String other) {
        FieldValue value = fields.value(name);
        if (value.isText() && !value.node().stringValue().equals("auto")) {
            value.fault("wrong_type", value.name() + " must be \"auto\" or " + other + ", not another text.");
        }
        return value.isText();
    }
}
