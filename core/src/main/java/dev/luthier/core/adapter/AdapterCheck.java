package dev.luthier.core.adapter;

import dev.luthier.core.model.ModelConfig;
import dev.luthier.core.run.RunSpec;
import dev.luthier.core.safetensors.SafetensorsFile;
import dev.luthier.core.safetensors.TensorEntry;
import dev.luthier.core.safetensors.TensorType;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Compares an adapter's tensors with its configuration and its base model. */
final class AdapterCheck {
    private static final String PREFIX = "base_model.model.";
    private static final Pattern TENSOR = Pattern
            .compile(Pattern.quote(PREFIX) + "(.+)\\.lora_(A\\.weight|B\\.weight|magnitude_vector)");
    private static final String HEAD = PREFIX + "score.weight";
    private static final Set<TensorType> TYPES = EnumSet.of(TensorType.F64, TensorType.F32, TensorType.F16,
            TensorType.BF16);
    private static final int CHUNK = 1 << 16;

    private final AdapterConfig config;
    private final List<String> faults;
    private final List<String> kinds;
    private final SequencedMap<String, List<Long>> linear;

    AdapterCheck(AdapterConfig config, ModelConfig base, List<String> faults) {
        this.config = config;
        this.faults = faults;
        kinds = config.dora()
                ? List.of("A.weight", "B.weight", "magnitude_vector")
                : List.of("A.weight", "B.weight");
        linear = linearLayers(base);
    }

    /** The weights of the linear layers in decoder layers by module, [out, in]. */
    private static SequencedMap<String, List<Long>> linearLayers(ModelConfig base) {
        SequencedMap<String, List<Long>> all = base.tensorShapes();
        SequencedMap<String, List<Long>> linear = new LinkedHashMap<>();
        for (int layer = 0; layer < base.layers(); layer++) {
            for (String target : RunSpec.Lora.LINEAR_LAYERS) {
                String module = LoraShape.module(layer, target);
                linear.put(module, all.getOrDefault(module + ".weight", List.of()));
            }
        }
        return linear;
    }

    /** The adapted modules in forward order; notes every fault. */
    SequencedMap<String, LoraShape.Size> modules(SafetensorsFile weights) {
        Map<String, Set<String>> found = new TreeMap<>();
        for (TensorEntry tensor : weights.tensors().values()) {
            if (config.classifies() && tensor.name().equals(HEAD)) {
                continue;
            }
            Matcher name = TENSOR.matcher(tensor.name());
            if (!name.matches() || !kinds.contains(name.group(2))) {
                faults.add("tensor " + tensor.name() + " is not the A or B of a LoRA layer");
            } else if (!linear.containsKey(name.group(1))) {
                faults.add("tensor " + tensor.name() + " adapts a layer that the base model does not have");
            } else {
                found.computeIfAbsent(name.group(1), _ -> new TreeSet<>()).add(name.group(2));
                checkTensor(tensor, name.group(1), name.group(2));
            }
        }
        SequencedMap<String, LoraShape.Size> modules = new LinkedHashMap<>();
        for (String module : linear.keySet()) {
            if (isAdapted(module, found.getOrDefault(module, Set.of()))) {
                modules.put(module, config.size(module));
            }
        }
        if (modules.isEmpty() && faults.isEmpty()) {
            faults.add(AdapterDirectory.WEIGHTS_FILE + " holds no matrices of a LoRA layer");
        }
        return modules;
    }

    private boolean isAdapted(String module, Set<String> there) {
        boolean named = config.targets().contains(module);
        if (!there.isEmpty() && !named) {
            faults.add("there are matrices for " + module + ", which " + AdapterDirectory.CONFIG_FILE
                    + " does not name");
        } else if (there.isEmpty() && named && !config.targets().isOpen()) {
            faults.add(AdapterDirectory.CONFIG_FILE + " names " + module + ", for which there are no matrices");
        } else if (!there.isEmpty()) {
            kinds.stream().filter(kind -> !there.contains(kind)).forEach(
                    kind -> faults.add("tensor " + PREFIX + module + ".lora_" + kind + " is missing"));
        }
        return !there.isEmpty();
    }

    private void checkTensor(TensorEntry tensor, String module, String kind) {
        List<Long> base = linear.getOrDefault(module, List.of());
        long rank = config.size(module).rank();
        List<Long> wanted = switch (kind) {
            case "A.weight" -> List.of(rank, base.get(1));
            case "B.weight" -> List.of(base.get(0), rank);
            default -> List.of(base.get(0));
        };
        String fault = null;
        if (!tensor.shape().equals(wanted)) {
            fault = "has the shape " + tensor.shape() + ", not " + wanted;
        } else if (!TYPES.contains(tensor.type())) {
            fault = "has the type " + tensor.type() + "; use one of " + TYPES;
        } else {
            fault = valueFault(tensor);
        }
        if (fault != null) {
            faults.add("tensor " + tensor.name() + " " + fault);
        }
    }

    private static @Nullable String valueFault(TensorEntry tensor) {
        float[] values = new float[(int) Math.min(CHUNK, tensor.elements())];
        for (long first = 0; first < tensor.elements(); first += CHUNK) {
            int count = (int) Math.min(CHUNK, tensor.elements() - first);
            tensor.copyFloats(first, values, count);
            for (int i = 0; i < count; i++) {
                if (!Float.isFinite(values[i])) {
                    return "holds " + (Float.isNaN(values[i]) ? "NaN" : "infinity, or a number too large for fp32,")
                            + " at index " + (first + i);
                }
            }
        }
        return null;
    }
}
