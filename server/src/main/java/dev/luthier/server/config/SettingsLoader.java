package dev.luthier.server.config;

import dev.luthier.core.command.DataHome;
import dev.luthier.core.problem.Nearest;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.process.ParentWatch;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/**
 * Reads the settings: flags win over {@code LUTHIER_*} environment, that over {@code luthier.yaml}, that over defaults.
 * A name that no setting has is a fault in each of the three, and all faults are reported at once.
 */
public final class SettingsLoader {
    /** Names in the environment that the launcher and other programs of ours set or read. */
    private static final Set<String> OTHERS = Set.of("LUTHIER_HOME", "LUTHIER_BIN", "LUTHIER_API_KEY", "LUTHIER_URL",
            "LUTHIER_MASTER_KEY", "LUTHIER_JAVA", "LUTHIER_TTY", "LUTHIER_BUNDLED_MODELS", "LUTHIER_EXAMPLES",
            "LUTHIER_ENGINE_HEAP", "LUTHIER_SERVER_HEAP", "LUTHIER_AOT_CACHE", "LUTHIER_CUDA", "LUTHIER_PROGRESS",
            "LUTHIER_BENCH_PYTHON", ParentWatch.VARIABLE);

    private final List<String> faults = new ArrayList<>();

    private SettingsLoader() {}

    /**
     * @param arguments the command line after the program's name
     * @throws ProblemException USER, with every fault in its message, one a line
     */
    public static Settings load(List<String> arguments, Map<String, String> environment) {
        return new SettingsLoader().resolve(arguments, environment);
    }

    private Settings resolve(List<String> arguments, Map<String, String> environment) {
        Map<String, String> flags = flags(arguments);
        Map<String, String> variables = variables(environment);
        Map<Setting<?>, Object> values = new HashMap<>();
        Map<String, String> merged = new LinkedHashMap<>(variables);
        merged.putAll(flags);
        Path dataDir = value(KnownSettings.DATA_DIR, merged).flatMap(path -> path)
                .orElseGet(() -> DataHome.of(environment));
        Path configFile = value(KnownSettings.CONFIG, merged).flatMap(path -> path).orElse(null);
        Map<String, String> all = new LinkedHashMap<>(
                file(configFile == null ? dataDir.resolve("luthier.yaml") : configFile, configFile != null));
        all.putAll(merged);
        for (Setting<?> setting : KnownSettings.ALL) {
            value(setting, all).ifPresent(value -> values.put(setting, value));
        }
        values.put(KnownSettings.DATA_DIR, Optional.of(dataDir));
        if (faults.isEmpty()) {
            checkAliases(new Settings(values));
        }
        if (!faults.isEmpty()) {
            throw Problem.user("invalid_settings", faults.stream().distinct().collect(Collectors.joining("\n")))
                    .asException();
        }
        return new Settings(values);
    }

    private Map<String, String> flags(List<String> arguments) {
        Map<String, String> found = new LinkedHashMap<>();
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if (!argument.startsWith("--")) {
                faults.add("\"" + argument + "\" is not a flag. Flags start with --, for example --port 8001.");
                continue;
            }
            int equals = argument.indexOf('=');
            String key = argument.substring(2, equals < 0 ? argument.length() : equals);
            Optional<Setting<?>> setting = settingOf(key);
            boolean switchedOn = setting.isPresent() && setting.get().defaultValue() instanceof Boolean && equals < 0;
            if (setting.isEmpty()) {
                faults.add("The flag --" + key + " is unknown." + hint(key, "--"));
            } else if (equals >= 0) {
                found.put(key, argument.substring(equals + 1));
            } else if (switchedOn) {
                found.put(key, "true");
            } else if (i + 1 < arguments.size()) {
                found.put(key, arguments.get(++i));
            } else {
                faults.add("The flag --" + key + " needs a value.");
            }
        }
        return found;
    }

    private Map<String, String> variables(Map<String, String> environment) {
        Map<String, String> found = new LinkedHashMap<>();
        Map<String, String> known = KnownSettings.ALL.stream().filter(setting -> !setting.isMap())
                .collect(Collectors.toMap(Setting::environmentName, Setting::key));
        environment.forEach((name, value) -> {
            String key = known.get(name);
            if (key != null) {
                found.put(key, value);
            } else if (name.startsWith("LUTHIER_") && !OTHERS.contains(name)) {
                faults.add("The environment variable " + name + " is unknown." + Nearest.hint(name, known.keySet()));
            }
        });
        return found;
    }

    private Map<String, String> file(Path path, boolean required) {
        if (!required && !Files.exists(path)) {
            return Map.of();
        }
        Map<String, String> found = new LinkedHashMap<>();
        try (Reader reader = Files.newBufferedReader(path)) {
            LoaderOptions options = new LoaderOptions();
            options.setAllowDuplicateKeys(false);
            Object root = new Yaml(new SafeConstructor(options)).load(reader);
            if (root instanceof Map<?, ?> map) {
                flatten("", map, found, path);
            } else if (root != null) {
                faults.add(path + ": the file must hold settings such as \"port: 8001\".");
            }
        } catch (IOException e) {
            faults.add(path + " cannot be read: " + e.getMessage());
        } catch (YAMLException e) {
            faults.add(path + " is not valid YAML: " + e.getMessage());
        }
        return found;
    }

    private void flatten(String prefix, Map<?, ?> map, Map<String, String> into, Path path) {
        map.forEach((name, value) -> {
            String key = prefix + name;
            if (prefix.isEmpty() && key.equals("luthier") && value instanceof Map<?, ?> nested) {
                flatten("", nested, into, path);
            } else if (value instanceof Map<?, ?> nested) {
                flatten(key + ".", nested, into, path);
            } else if (settingOf(key).isEmpty()) {
                faults.add(path + ": the setting " + key + " is unknown." + hint(key, ""));
            } else if (value == null || value instanceof Iterable) {
                faults.add(path + ": the setting " + key + " needs one plain value.");
            } else {
                into.put(key, value.toString());
            }
        });
    }

    /** An alias that names a recipe must name one that there is. */
    private void checkAliases(Settings settings) {
        Set<String> recipes = settings.get(KnownSettings.RECIPES).keySet();
        settings.get(KnownSettings.MODELS_ALIASES).forEach((alias, target) -> {
            String recipe = target.recipe();
            if (recipe != null && !recipes.contains(recipe)) {
                faults.add(KnownSettings.MODELS_ALIASES.key() + "." + alias + " names the recipe \"" + recipe
                        + "\", which is not in recipes." + Nearest.hint(recipe, recipes));
            }
        });
    }

    private static Optional<Setting<?>> settingOf(String key) {
        for (Setting<?> setting : KnownSettings.ALL) {
            if (setting.isMap() ? key.startsWith(setting.key() + ".") : key.equals(setting.key())) {
                return Optional.of(setting);
            }
        }
        return Optional.empty();
    }

    private static String hint(String key, String prefix) {
        return Nearest.of(key, KnownSettings.ALL.stream().map(Setting::key).toList())
                .map(name -> " Did you mean " + prefix + name + "?").orElse(" --help lists the settings.");
    }

    private <T> Optional<T> value(Setting<T> setting, Map<String, String> texts) {
        Map<String, String> own = new LinkedHashMap<>();
        texts.forEach((key, text) -> {
            if (setting.isMap() && key.startsWith(setting.key() + ".")) {
                own.put(key.substring(setting.key().length() + 1), text);
            } else if (key.equals(setting.key())) {
                own.put(key, text);
            }
        });
        if (own.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(setting.reader().apply(own));
        } catch (ProblemException e) {
            faults.add(e.problem().message());
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            faults.add(setting.key() + " must be " + e.getMessage() + ", not " + own.values() + ".");
            return Optional.empty();
        }
    }
}
