package dev.luthier.server.api.openai;

import dev.luthier.core.run.Task;
import dev.luthier.server.api.FieldValue;
import dev.luthier.server.api.Fields;
import dev.luthier.server.job.Hyperparameters;
import dev.luthier.server.job.Method;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads how a job is to be trained: {@code method}, and {@code hyperparameters} at the top as clients from before there
 * were methods send it. Each number may be {@code "auto"}, which leaves it to the plan.
 */
final class MethodReader {
    static final String SUPERVISED = "supervised";
    static final String DPO = "dpo";
    private static final String REINFORCEMENT = "reinforcement";
    private static final List<String> METHODS = List.of(SUPERVISED, DPO, REINFORCEMENT);

    private static final String EPOCHS = "n_epochs";
    private static final String BATCH_SIZE = "batch_size";
    private static final String MULTIPLIER = "learning_rate_multiplier";
    /** What both places have. */
    private static final List<String> SHARED = List.of(EPOCHS, BATCH_SIZE, MULTIPLIER);
    private static final String BETA = "beta";

    private static final int MAX_EPOCHS = 50;
    private static final int MAX_BATCH_SIZE = 256;

    private MethodReader() {}

    /** What was read. */
    record Asked(Method method, Hyperparameters hyperparameters) {}

    static Asked read(Fields body) {
        Fields old = body.object("hyperparameters");
        Fields methods = body.object("method");
        String type = type(body, methods);
        Fields method = methods.object(type).object("hyperparameters");
        for (String name : SHARED) {
            if (old.has(name) && method.has(name) && !old.value(name).node().equals(method.value(name).node())) {
                old.value(name).fault("contradiction", old.value(name).name() + " and " + method.value(name).name()
                        + " differ. Give one of them.");
            }
        }
        Long epochs = whole(method, old, EPOCHS, MAX_EPOCHS);
        Long batchSize = whole(method, old, BATCH_SIZE, MAX_BATCH_SIZE);
        return new Asked(type.equals(DPO) ? new Method.Preference(beta(method)) : Method.SUPERVISED,
                new Hyperparameters(null, epochs == null ? null : Double.valueOf(epochs), rate(method, old),
                        Hyperparameters.WEIGHT_DECAY, Hyperparameters.WARMUP_FRACTION, null,
                        batchSize == null ? null : Integer.valueOf(batchSize.intValue())));
    }

    /** The method that is asked for, supervised where none is; what belongs to another one is a fault. */
    private static String type(Fields body, Fields methods) {
        FieldValue type = methods.value("type");
        if (body.has("method")) {
            type.requireGiven();
        }
        String name = type.text().orElse("");
        if (name.equals(SUPERVISED) || name.equals(DPO)) {
            METHODS.stream().filter(other -> !other.equals(name) && methods.has(other)).map(methods::value)
                    .forEach(other -> other.fault("contradiction", other.name() + " is for jobs of another type than "
                            + name + ", which method.type says. Leave it out."));
            return name;
        }
        if (name.equals(REINFORCEMENT)) {
            type.fault("not_built", "The method reinforcement is not built yet. Use supervised or dpo.");
        } else if (type.isText()) {
            type.fault("unknown_value", "method.type must be supervised or dpo; reinforcement is not built yet.");
        }
        METHODS.forEach(methods::accept);
        return SUPERVISED;
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

    private static @Nullable Double beta(Fields method) {
        return isAuto(method, BETA, "a number")
                ? null
                : method.number(BETA).moreThan(0).atMost(Task.Preference.MAX_BETA).orNull();
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
