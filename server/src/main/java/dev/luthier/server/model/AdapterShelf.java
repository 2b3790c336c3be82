package dev.luthier.server.model;

import dev.luthier.core.digest.Sha256;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.run.RunDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where adapters to be used lie: one directory per fine-tuned model. Moving one there again changes nothing. */
public final class AdapterShelf {
    private static final Logger LOG = LoggerFactory.getLogger(AdapterShelf.class);
    private static final Set<String> DAMAGE = Set.of("adapter_missing", "adapter_damaged");

    private final Path adapters;

    public AdapterShelf(Path adapters) {
        this.adapters = adapters;
    }

    /** The key of the model that a job makes: always the same one. */
    public static UUID modelOf(UUID job) {
        return UUID.nameUUIDFromBytes(("model of job " + job).getBytes(StandardCharsets.UTF_8));
    }

    /** The key of the model that an epoch of a job makes: always the same one. */
    public static UUID snapshotOf(UUID job, int step) {
        return UUID.nameUUIDFromBytes(("snapshot of job " + job + " at step " + step).getBytes(StandardCharsets.UTF_8));
    }

    public Path place(UUID model) {
        return adapters.resolve(model.toString());
    }

    /**
     * Moves a run's adapter to its place, after its hash was found right.
     *
     * @throws dev.luthier.core.problem.ProblemException INTERNAL, when the adapter is missing or damaged
     */
    public void take(RunDirectory run, UUID model, String sha256) {
        Path source = run.adapter();
        Path target = place(model);
        boolean moved = !Files.exists(source) && Files.exists(target);
        verify(moved ? target : source, sha256);
        if (!moved) {
            discard(model);
            try {
                Files.createDirectories(adapters);
                Files.move(source, target, StandardCopyOption.ATOMIC_MOVE);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /**
     * Gives an epoch's adapter a place of its own, which outlives that in the run directory.
     *
     * @return the SHA-256 of its weights; empty when it is neither there nor was given its place before, or is damaged
     */
    public Optional<String> keep(Path snapshot, UUID model) {
        Path place = place(model);
        if (!AdapterFiles.link(snapshot, place) && !Files.exists(place)) {
            return Optional.empty();
        }
        String sha256 = sha256(place.resolve(AdapterFiles.WEIGHTS));
        Optional<String> damage = AdapterFiles.damage(place, sha256);
        damage.ifPresent(why -> LOG.warn("the snapshot {} is left out: {}", snapshot, why));
        return damage.isPresent() ? Optional.empty() : Optional.of(sha256);
    }

    /** Removes a model's adapter; does nothing when it is not there. */
    public void discard(UUID model) {
        deleteTree(place(model));
    }

    /** Whether {@link #take} found the adapter missing or damaged. */
    public static boolean isDamage(Problem problem) {
        return DAMAGE.contains(problem.code());
    }

    private static void verify(Path adapter, String expected) {
        if (!Files.isRegularFile(adapter.resolve(AdapterFiles.WEIGHTS))) {
            throw Problem.internal("adapter_missing", "The trainer reported an adapter, but " + adapter
                    + " has none. Start the job again.").asException();
        }
        AdapterFiles.damage(adapter, expected).ifPresent(why -> {
            throw Problem.internal("adapter_damaged", "The adapter that the trainer wrote is damaged: " + why
                    + ". Check the disk and start the job again.").asException();
        });
    }

    /** Lower-case hex of a file's bytes. */
    public static String sha256(Path file) {
        try {
            return Sha256.hex(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Removes a directory with all that is in it; does nothing when it is not there. */
    public static void deleteTree(Path directory) {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> walk = Files.walk(directory)) {
            List<Path> deepestFirst = walk.sorted(Comparator.reverseOrder()).toList();
            for (Path path : deepestFirst) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
