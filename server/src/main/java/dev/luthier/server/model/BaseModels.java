package dev.luthier.server.model;

import dev.luthier.core.chat.TemplateSet;
import dev.luthier.core.file.RegularFiles;
import dev.luthier.core.model.ModelDirectory;
import dev.luthier.core.problem.Nearest;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.storage.StorageFault;
import dev.luthier.server.config.ServerPaths;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The base models on disk: each directory with a {@code config.json} in the model folders. Folders are looked at again
 * when a model is asked for, at most once a second, so a model that is copied in is there without a restart. A
 * directory that cannot be used is left out and its fault logged once. Safe for use by several threads.
 */
public final class BaseModels {
    private static final Logger LOG = LoggerFactory.getLogger(BaseModels.class);
    private static final long FRESH_MILLIS = 1_000;

    private final List<Path> folders;
    private final Map<String, String> aliases;
    private final InstantSource clock;
    private final Map<Path, Read> read = new HashMap<>();
    private Map<String, BaseModel> usable = Map.of();
    private Map<String, String> faults = Map.of();
    private long lookedAtMillis = Long.MIN_VALUE;

    /**
     * @param folders folders that hold model directories; of two with the same name the first folder's wins
     * @param aliases further names, each for a model's directory name
     */
    public BaseModels(List<Path> folders, Map<String, String> aliases, InstantSource clock) {
        this.folders = List.copyOf(folders);
        this.aliases = Map.copyOf(aliases);
        this.clock = clock;
    }

    /** What one directory was found to be, as long as its files stay the same. */
    private record Read(long fingerprint, Optional<BaseModel> model, String fault) {}

    /** All usable models, by name. */
    public synchronized List<BaseModel> all() {
        refresh();
        return List.copyOf(usable.values());
    }

    /** A model by its own name, else by alias. */
    public synchronized Optional<BaseModel> find(String name) {
        refresh();
        BaseModel own = usable.get(name);
        return Optional.ofNullable(own != null ? own : usable.get(aliases.getOrDefault(name, "")));
    }

    /** Why a directory of that name, or the one that the alias stands for, cannot be used. */
    public synchronized Optional<String> fault(String name) {
        refresh();
        return Optional.ofNullable(faults.get(aliases.getOrDefault(name, name)));
    }

    /** The folders have changed: the next question looks at them again, however soon it comes. */
    public synchronized void lookAgain() {
        lookedAtMillis = Long.MIN_VALUE;
    }

    /**
     * Aliases whose model is not there, each with a sentence that says what to do.
     */
    public synchronized List<String> aliasFaults() {
        refresh();
        return aliases.entrySet().stream().sorted(Map.Entry.comparingByKey())
                .filter(alias -> !usable.containsKey(alias.getValue()))
                .map(alias -> "models.aliases." + alias.getKey() + " names the model " + alias.getValue() + ", which "
                        + (faults.containsKey(alias.getValue())
                                ? "cannot be used: " + faults.get(alias.getValue())
                                : "is not there." + Nearest.hint(alias.getValue(), usable.keySet())))
                .toList();
    }

    private void refresh() {
        long now = clock.millis();
        if (lookedAtMillis != Long.MIN_VALUE && now - FRESH_MILLIS < lookedAtMillis) {
            return;
        }
        Map<String, BaseModel> found = new TreeMap<>();
        Map<String, String> broken = new TreeMap<>();
        for (Path folder : folders) {
            for (Path directory : directories(folder)) {
                String name = directory.getFileName().toString();
                Read one = read(name, directory);
                one.model().filter(model -> !found.containsKey(name)).ifPresent(model -> found.put(name, model));
                if (one.model().isEmpty() && !found.containsKey(name)) {
                    broken.put(name, one.fault());
                }
            }
        }
        usable = found;
        faults = broken;
        lookedAtMillis = now;
    }

    private static List<Path> directories(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(entry -> Files.exists(entry.resolve("config.json"))).sorted().toList();
        } catch (IOException e) {
            throw unreadable(folder, e);
        } catch (UncheckedIOException e) {
            throw unreadable(folder, Objects.requireNonNull(e.getCause()));
        }
    }

    private static ProblemException unreadable(Path folder, IOException why) {
        return Problem.resource("models_unreadable", "The folder of base models " + folder + " cannot be read: "
                + RegularFiles.reason(why) + ".").asException(why);
    }

    private Read read(String name, Path directory) {
        ServerPaths.remember(directory);
        long fingerprint = fingerprint(directory);
        Read known = read.get(directory);
        if (known != null && known.fingerprint() == fingerprint) {
            return known;
        }
        Read now = open(name, directory, fingerprint);
        if (now.model().isEmpty()) {
            LOG.warn("the model directory {} is left out: {}", directory, now.fault());
        }
        read.put(directory, now);
        return now;
    }

    /** Changes when a file of the directory is added, removed, replaced or written. */
    private static long fingerprint(Path directory) {
        try (Stream<Path> entries = Files.list(directory)) {
            long sum = 1;
            List<Path> files = entries.sorted().toList();
            for (Path file : files) {
                sum = 31 * sum + file.getFileName().toString().hashCode();
                sum = 31 * sum + Files.getLastModifiedTime(file).toMillis();
                sum = 31 * sum + Files.size(file);
            }
            return sum;
        } catch (IOException e) {
            return 0;
        }
    }

    private Read open(String name, Path directory, long fingerprint) {
        try {
            BaseModel model = check(name, directory);
            return new Read(fingerprint, Optional.of(new BaseModel(name, model.directory(), aliasesOf(name),
                    model.contextTokens(), model.layers(), model.parameters(), model.hasChatTemplate(),
                    model.rendersTools(),
                    model.createdAtMillis())), "");
        } catch (ProblemException e) {
            if (StorageFault.in(e).isPresent()) {
                throw e; // says nothing of the model
            }
            return new Read(fingerprint, Optional.empty(), e.problem().message());
        } catch (RuntimeException e) {
            if (StorageFault.in(e).isPresent()) {
                throw e;
            }
            return new Read(fingerprint, Optional.empty(),
                    "it cannot be read: " + (e instanceof UncheckedIOException io && io.getCause() != null
                            ? RegularFiles.reason(io.getCause())
                            : "its files are damaged"));
        }
    }

    /**
     * Reads a model directory as far as needed to know that it can be used: configuration, template, and that each
     * weight is there in the right shape.
     *
     * @throws ProblemException USER, naming the file at fault
     */
    static BaseModel check(String name, Path directory) {
        if (name.indexOf(':') >= 0) {
            throw Problem.user("invalid_model_name",
                    "a model's directory name must not hold a colon. Rename it.").asException();
        }
        ModelDirectory model = ModelDirectory.open(directory);
        model.weights().close();
        if (!Files.isRegularFile(directory.resolve("tokenizer.json"))) {
            throw Problem.user("invalid_model_file", directory.resolve("tokenizer.json") + " is missing.")
                    .asException();
        }
        try {
            return new BaseModel(name, directory.toAbsolutePath().normalize(), List.of(),
                    model.config().maxPositions(), model.config().layers(), model.config().parameterCount(),
                    !model.chatTemplates().isEmpty(),
                    showsTools(model),
                    Files.getLastModifiedTime(directory.resolve("config.json")).toMillis());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether a conversation's tools reach the model; a template with faults says so when it is used. */
    private static boolean showsTools(ModelDirectory model) {
        try {
            return TemplateSet.compile(model.chatTemplates(), model.specialTokens().named())
                    .map(TemplateSet::showsTools).orElse(false);
        } catch (ProblemException fault) {
            return false;
        }
    }

    private List<String> aliasesOf(String name) {
        List<String> names = new ArrayList<>();
        aliases.forEach((alias, target) -> {
            if (target.equals(name) && !alias.equals(name)) {
                names.add(alias);
            }
        });
        return names.stream().sorted().toList();
    }
}
