package dev.luthier.engine.train;

import dev.luthier.core.digest.Checksums;
import dev.luthier.core.digest.Sha256;
import dev.luthier.core.json.StoredJson;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.run.RunDirectory;
import dev.luthier.core.safetensors.SafetensorsFile;
import dev.luthier.core.safetensors.SafetensorsWriter;
import dev.luthier.core.safetensors.TensorType;
import dev.luthier.core.storage.StorageFault;
import dev.luthier.engine.tensor.HostMemory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;

/**
 * Checkpoints in a directory: {@code step-000100/} with {@code state.json} and the fp32 tensors in
 * {@code state.safetensors}, and the checksums of both. A checkpoint appears under its name only when it is whole and on
 * disk; the newest ones are kept. One that is damaged is set aside, and the one before it taken.
 *
 * @param <S> what {@code state.json} holds
 */
public final class CheckpointStore<S> {
    private static final Pattern NAME = Pattern.compile("step-\\d{6,}");
    private static final String STATE = "state.json";
    private static final String TENSORS = "state.safetensors";

    private final Path directory;
    private final StoredJson<S> states;
    private final int kept;

    /** @param kept how many checkpoints stay, at least 1 */
    public CheckpointStore(Path directory, StoredJson<S> states, int kept) {
        this.directory = directory;
        this.states = states;
        this.kept = kept;
    }

    /** A checkpoint on disk. */
    public record Checkpoint<S>(Path path, S state) {

        /** Copies a stored tensor into a tensor of the same shape. */
        public void load(String name, Tensor destination) {
            try (SafetensorsFile file = SafetensorsFile.open(path.resolve(TENSORS))) {
                HostMemory.copyInto(destination, file.tensor(name));
            }
        }
    }

    /** The name of a step's directory. */
    public static String name(int step) {
        return "step-%06d".formatted(step);
    }

    /**
     * Writes a checkpoint and removes all but the newest ones.
     *
     * @param tensors fp32, contiguous
     */
    public void save(int step, S state, Map<String, Tensor> tensors) {
        Path temporary = directory.resolve("writing");
        try {
            Files.createDirectories(directory);
            delete(temporary);
            Files.createDirectories(temporary);
            SafetensorsWriter writer = new SafetensorsWriter();
            tensors.forEach((name, tensor) -> writer.add(name, TensorType.F32, shape(tensor),
                    HostMemory.hostBytes(tensor)));
            String text = states.writePretty(state);
            RunDirectory.writeDurably(temporary.resolve(STATE), text);
            Checksums.write(temporary,
                    Map.of(TENSORS, writer.write(temporary.resolve(TENSORS)), STATE, Sha256.hex(text)));
            force(temporary);
            Path target = directory.resolve(name(step));
            delete(target);
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
            force(directory);
            keepNewest(directory, kept);
        } catch (IOException e) {
            discard(temporary);
            throw new ProblemException(Problem.resource("checkpoint_not_written",
                    "the checkpoint of step " + step + " cannot be written to " + directory + ": " + e
                            + ". Free disk space or mend the permissions."),
                    e);
        }
    }

    /* Half a checkpoint takes the room that a full disk needs for the outcome. */
    private static void discard(Path unfinished) {
        try {
            delete(unfinished);
        } catch (IOException e) {
            // The fault that is about to be reported has the same cause.
        }
    }

    /**
     * The checkpoint of the latest step that is as it was written, if there is one. Those of earlier versions have no
     * checksums and are taken if they can be read.
     *
     * @param damaged is told of each later one that is not, in a sentence; its directory gets another name
     */
    public Optional<Checkpoint<S>> latest(Consumer<String> damaged) {
        for (Path path : inStepOrder(directory).reversed()) {
            try {
                return Optional.of(open(path));
            } catch (ProblemException e) {
                if (StorageFault.in(e).isPresent()) {
                    throw e; // says nothing of the checkpoint
                }
                Path aside = setAside(path);
                damaged.accept("the checkpoint " + path.getFileName() + " is damaged and not gone on from: "
                        + e.getMessage() + ". It is kept as " + aside.getFileName() + ".");
            }
        }
        return Optional.empty();
    }

    private Checkpoint<S> open(Path path) {
        Checksums.damage(path).ifPresent(why -> {
            throw Problem.user("damaged_checkpoint", why).asException();
        });
        Path file = path.resolve(STATE);
        try (SafetensorsFile _ = SafetensorsFile.open(path.resolve(TENSORS))) { // without checksums, the header at least
            return new Checkpoint<>(path, states.read(Files.readString(file), STATE));
        } catch (IOException e) {
            throw Problem.user("damaged_checkpoint", STATE + " cannot be read: " + e).asException(e);
        }
    }

    private static Path setAside(Path path) {
        Path aside = path.resolveSibling(path.getFileName() + ".damaged");
        try {
            delete(aside);
            return Files.move(path, aside, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether there is no checkpoint, sound or not. */
    public boolean isEmpty() {
        return inStepOrder(directory).isEmpty();
    }

    /** Removes all checkpoints. */
    public void clear() {
        try {
            delete(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Removes all but the newest of the directories that are named by {@link #name}. */
    static void keepNewest(Path directory, int kept) throws IOException {
        List<Path> all = inStepOrder(directory);
        for (Path old : all.subList(0, Math.max(0, all.size() - kept))) {
            delete(old);
        }
    }

    private static List<Path> inStepOrder(Path directory) {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> paths = Files.list(directory)) {
            return paths.filter(path -> NAME.matcher(path.getFileName().toString()).matches())
                    .sorted(Comparator.comparingLong(
                            path -> Long.parseLong(path.getFileName().toString().substring("step-".length()))))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Long> shape(Tensor tensor) {
        List<Long> shape = new ArrayList<>();
        for (long dimension = 0; dimension < tensor.dim(); dimension++) {
            shape.add(tensor.size(dimension));
        }
        return shape;
    }

    /** Renames inside a directory are durable only after this. */
    private static void force(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory)) {
            channel.force(true);
        }
    }

    static void delete(Path path) throws IOException {
        if (!Files.exists(path)) {
            return;
        }
        try (Stream<Path> tree = Files.walk(path)) {
            for (Path each : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }
}
