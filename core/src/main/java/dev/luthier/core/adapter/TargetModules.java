package dev.luthier.core.adapter;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Which modules of the base model an {@code adapter_config.json} names. Source: {@code check_target_module_exists} of HF
 * PEFT 0.21.
 */
final class TargetModules {
    private static final String ALL_LINEAR = "all-linear";

    /** Null when the configuration leaves the choice to the library's defaults. */
    private final @Nullable Names targets;
    private final @Nullable Names excluded;
    private final List<Integer> layers;
    private final List<BoundedPattern> layerPatterns;

    /** Module names, which a module's name is or ends in, or an expression for whole names. */
    private record Names(boolean all, List<String> names, @Nullable BoundedPattern expression) {
        static @Nullable Names read(ConfigFields config, String field) {
            JsonNode value = config.get(field);
            if (value == null || (value.isContainer() && value.isEmpty())) {
                return null;
            }
            if (!value.isString()) {
                return new Names(false, config.strings(field), null);
            }
            if (value.stringValue().toLowerCase(Locale.ROOT).equals(ALL_LINEAR)) {
                return new Names(true, List.of(), null);
            }
            BoundedPattern expression = config.pattern(field, value.stringValue());
            return expression == null ? null : new Names(false, List.of(), expression);
        }

        boolean isWhole(String module) {
            return expression != null ? expression.matches(module) : all || names.contains(module);
        }

        boolean isEnd(String module) {
            return names.stream().anyMatch(name -> module.endsWith("." + name));
        }
    }

    TargetModules(ConfigFields config) {
        targets = Names.read(config, "target_modules");
        excluded = Names.read(config, "exclude_modules");
        layers = config.layers("layers_to_transform");
        layerPatterns = layerPatterns(config, layers);
    }

    /** The beginnings of the names of modules in some decoder layers. */
    private static List<BoundedPattern> layerPatterns(ConfigFields config, List<Integer> layers) {
        List<String> lists = config.strings("layers_pattern");
        List<String> beginnings = lists.isEmpty()
                ? List.of("[^.]*\\.[^.]*")
                : lists.stream().map(list -> "(?:.*\\.)?" + list).toList();
        List<BoundedPattern> patterns = new ArrayList<>();
        for (String beginning : beginnings) {
            for (int layer : layers) {
                BoundedPattern pattern = config.pattern("layers_pattern", beginning + "\\." + layer + "\\..*");
                if (pattern != null) {
                    patterns.add(pattern);
                }
            }
        }
        return patterns;
    }

    /** Whether the configuration leaves the choice to its library. */
    boolean isOpen() {
        return targets == null;
    }

    /**
     * Whether a linear layer is adapted.
     *
     * @throws BoundedPattern.TooCostlyException if an expression takes too long
     */
    boolean contains(String module) {
        if (excluded != null && (excluded.isWhole(module) || excluded.isEnd(module))) {
            return false;
        }
        if (targets == null || targets.isWhole(module)) {
            return true;
        }
        return targets.isEnd(module) && (layers.isEmpty()
                || layerPatterns.stream().anyMatch(pattern -> pattern.matches(module)));
    }
}
