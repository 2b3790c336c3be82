package dev.luthier.server.model;

import dev.luthier.core.adapter.AdapterDirectory;
import dev.luthier.core.adapter.ClassifierConfig;
import dev.luthier.core.digest.Checksums;
import dev.luthier.core.digest.Sha256;
import dev.luthier.core.model.ModelDirectory;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.run.Task;
import dev.luthier.server.key.Principal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What clients do with models apart from using them. Safe for use by several threads. */
public final class ModelService {
    private final ModelRegistry registry;
    private final FineTunedModels fineTuned;
    private final AdapterShelf shelf;
    private final BaseModels bases;
    private final BaseModelFolder folder;
    private final InstantSource clock;
    private final Supplier<Stream<ModelUse>> uses;
    private final Supplier<Stream<RemovalListener>> listeners;

    /**
     * @param folder the data directory's folder of base models
     * @param uses what may need a model
     * @param listeners who is told when a model was removed
     */
    ModelService(ModelRegistry registry, FineTunedModels fineTuned, AdapterShelf shelf, BaseModels bases,
            BaseModelFolder folder, InstantSource clock, Supplier<Stream<ModelUse>> uses,
            Supplier<Stream<RemovalListener>> listeners) {
        this.registry = registry;
        this.fineTuned = fineTuned;
        this.shelf = shelf;
        this.bases = bases;
        this.folder = folder;
        this.clock = clock;
        this.uses = uses;
        this.listeners = listeners;
    }

    /** @throws dev.luthier.core.problem.ProblemException {@code model_not_found}, also for another organization's */
    public Model get(Principal caller, String name) {
        return registry.find(caller, name).orElseThrow(() -> notFound(name).asException());
    }

    /** The fine-tuned model of a name; a base model's name is refused. */
    public FineTunedModel fineTuned(Principal caller, String name) {
        return switch (get(caller, name)) {
            case FineTunedModel model -> model;
            case BaseModel base -> throw Problem.user("not_a_fine_tuned_model",
                    base.name() + " is a base model. Only fine-tuned models can be changed or removed here.")
                    .asException();
        };
    }

    /**
     * The fine-tuned model of a name, to be changed or removed.
     *
     * @throws dev.luthier.core.problem.ProblemException {@code model_of_other_project}, when the caller has no more than
     *     the permission to use it
     */
    public FineTunedModel owned(Principal caller, String name) {
        FineTunedModel model = fineTuned(caller, name);
        if (!registry.owns(caller, model)) {
            throw Problem.user("model_of_other_project", "The model " + name + " belongs to another project, which lets"
                    + " yours use it. Only keys of that project and administrators change or remove it.").asException();
        }
        return model;
    }

    private static Problem notFound(String name) {
        return Problem.user("model_not_found", "There is no model " + name + ". GET /v1/models lists those there are.");
    }

    public FineTunedModel describe(Principal caller, FineTunedModel model, @Nullable String name,
            @Nullable String description) {
        fineTuned.describe(model.uuid(), name, description);
        return fineTuned(caller, model.id());
    }

    public FineTunedModel archive(Principal caller, String name, boolean archived) {
        FineTunedModel model = owned(caller, name);
        fineTuned.archive(model.uuid(), archived);
        return fineTuned(caller, model.id());
    }

    /** Removes a fine-tuned model and its adapter; its job stays. */
    public void delete(FineTunedModel model) {
        fineTuned.delete(model.uuid());
        shelf.discard(model.uuid());
        listeners.get().forEach(listener -> listener.removed(model));
    }

    /**
     * Adds a copy of a PEFT adapter directory on this machine.
     *
     * @param base name or alias of its base model
     * @param suffix part of its public names
     * @throws dev.luthier.core.problem.ProblemException USER, when base or adapter are not supported
     */
    public FineTunedModel addAdapter(Principal caller, Path directory, String base, @Nullable String suffix) {
        BaseModel model = registry.base(base).orElseThrow(() -> Problem.user("unknown_model", "The base model " + base
                + registry.fault(base).map(fault -> " cannot be used: " + fault).orElse(" is not there."), "base")
                .asException());
        AdapterDirectory.open(directory, ModelDirectory.open(model.directory()).config()).close();
        Optional<Task.Classification> classifier = ClassifierConfig.in(directory).map(ModelService::classification);
        UUID id = UUID.randomUUID();
        Path place = shelf.place(id);
        String sha256;
        try {
            sha256 = copy(directory, place, model.name());
        } catch (IOException e) {
            shelf.discard(id);
            throw new UncheckedIOException(e);
        }
        FineTunedModel added = new FineTunedModel(id, caller.organization(), caller.project(),
                ModelNames.mistral(classifier.isPresent() ? ModelNames.classifier(base) : base, caller.organization(),
                        clock.instant(), suffix, id),
                ModelNames.openai(base, caller.organization(), suffix, id), model.name(), base, null, null,
                classifier.orElse(null), place, sha256, false, null, null, clock.millis());
        fineTuned.insert(added);
        return added;
    }

    private static Task.Classification classification(ClassifierConfig config) {
        return new Task.Classification(config.targets().stream()
                .map(target -> new Task.Target(target.name(), target.labels(), 1, target.lossFunction())).toList());
    }

    /** The SHA-256 of the weights, which stands beside them with those of the other files. */
    private static String copy(Path from, Path to, String base) throws IOException {
        Files.createDirectories(to);
        Path config = Files.write(to.resolve(AdapterFiles.CONFIG), AdapterDirectory.portableConfig(from, base));
        Map<String, String> sums = new HashMap<>(Map.of(AdapterFiles.CONFIG, Sha256.hex(config)));
        for (String name : List.of(AdapterFiles.WEIGHTS, ClassifierConfig.FILE)) {
            if (Files.exists(from.resolve(name))) {
                Path copied = Files.copy(from.resolve(name), to.resolve(name), StandardCopyOption.REPLACE_EXISTING);
                sums.put(name, Sha256.hex(copied));
            }
        }
        Checksums.write(to, sums);
        return Objects.requireNonNull(sums.get(AdapterFiles.WEIGHTS), "an opened adapter has weights");
    }

    /**
     * Makes a model directory on this machine a base model, by a link to it; it can be used when this returns.
     *
     * @param name its name from now on, or null for the directory's
     */
    public BaseModel addBase(Path directory, @Nullable String name) {
        BaseModel added = folder.add(directory, name);
        bases.lookAgain();
        return added;
    }

    /**
     * Removes a model of either kind; of a fine-tuned model and a directory with the same name the directory.
     *
     * @param evenIfUsed as {@link #removeBase} takes it
     */
    public void remove(Principal caller, String name, boolean evenIfUsed) {
        if (folder.holds(name) || registry.base(name).isPresent()) {
            removeBase(name, evenIfUsed);
        } else {
            delete(owned(caller, name));
        }
    }

    /**
     * Removes a base model from the data directory, also one that cannot be used. What lies elsewhere stays: a link is
     * removed, not what it leads to.
     *
     * @param evenIfUsed also while jobs, workers or fine-tuned models need it
     * @throws dev.luthier.core.problem.ProblemException {@code model_not_found}, {@code model_in_use}, or
     *     {@code model_not_removable} when it does not lie in the data directory
     */
    private void removeBase(String name, boolean evenIfUsed) {
        Optional<BaseModel> known = registry.base(name).filter(model -> model.name().equals(name));
        if (!folder.holds(name)) {
            throw whyNotRemovable(name).asException();
        }
        if (!evenIfUsed) {
            known.ifPresent(this::refuseIfUsed);
        }
        folder.remove(name);
        bases.lookAgain();
        known.ifPresent(model -> listeners.get().forEach(listener -> listener.removed(model)));
    }

    private Problem whyNotRemovable(String name) {
        return registry.base(name).map(model -> Problem.user("model_not_removable", model.name().equals(name)
                ? name + " lies in " + model.directory() + ", outside of the data directory, and is not removed by this"
                        + " server."
                : name + " is an alias of " + model.name() + ". Take it out of models.aliases, or remove "
                        + model.name() + "."))
                .orElseGet(() -> notFound(name));
    }

    /** Also counts the fine-tuned models that would be without their base. */
    private void refuseIfUsed(BaseModel model) {
        int tuned = fineTuned.onBase(model.name()).size();
        List<String> users = Stream.concat(uses.get().flatMap(use -> use.of(model).stream()),
                tuned == 0
                        ? Stream.empty()
                        : Stream.of(tuned == 1 ? "a fine-tuned model" : tuned + " fine-tuned models"))
                .toList();
        if (!users.isEmpty()) {
            throw Problem.user("model_in_use", model.name() + " is needed by " + String.join(" and ", users)
                    + ". Wait for them or remove them first; force removes it all the same.").asException();
        }
    }
}
