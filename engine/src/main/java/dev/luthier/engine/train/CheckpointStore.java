package dev.luthier.engine.train;

import dev.luthier.core.json.Json;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.run.RunDirectory;
import dev.luthier.core.safetensors.SafetensorsFile;
import dev.luthier.core.safetensors.SafetensorsWriter;
import dev.luthier.core.safetensors.TensorType;
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
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import tools.jackson.core.JacksonException;

/**
 * Checkpoints in a directory: {@code step-000100/} with {@code state.json} and the fp32 tensors in
 * {@code state.safetensors}. A checkpoint appears under its name only when it is whole and on disk; the newest ones are
 * kept.
 *
 * @param <S> what {@code state.json} holds
 */
public final class CheckpointStore<S> {
    private static final Pattern NAME = Pattern.compile("step-\\d{6,}");

    private final Path directory;
    private final Class<S> stateType;
    private final int kept;

    /** @param kept how many checkpoints stay, at least 1 */
    public CheckpointStore(Path directory, Class<S> stateType, int kept) {
        this.directory = directory;
        this.stateType = stateType;
        this.kept = kept;
    }

    /** A checkpoint on disk. */
    public record Checkpoint<S>(Path path, S state) {

        /** Copies a stored tensor into a tensor of the same shape. */
        public void load(String name, Tensor destination) {
            try (SafetensorsFile file = SafetensorsFile.open(path.resolve("state.safetensors"))) {
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
        try {
            Files.createDirectories(directory);
            Path temporary = directory.resolve("writing");
            delete(temporary);
            Files.createDirectories(temporary);
            SafetensorsWriter writer = new SafetensorsWriter();
            tensors.forEach((name, tensor) -> writer.add(name, TensorType.F32, shape(tensor),
                    HostMemory.hostBytes(tensor)));
            writer.write(temporary.resolve("state.safetensors"));
            RunDirectory.writeDurably(temporary.resolve("state.json"), Json.writePretty(state));
            force(temporary);
            Path target = directory.resolve(name(step));
            delete(target);
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
            force(directory);
            keepNewest(directory, kept);
        } catch (IOException e) {
            throw new ProblemException(Problem.resource("checkpoint_not_written",
                    "the checkpoint of step " + step + " cannot be written to " + directory + ": " + e
                            + ". Free disk space or mend the permissions."),
                    e);
        }
    }

    /**
     * The checkpoint of the latest step, if there is one.
     *
     * @throws ProblemException USER if its state is damaged, or of another version's form
     */
    public Optional<Checkpoint<S>> latest() {
        List<Path> all = inStepOrder(directory);
        return all.isEmpty() ? Optional.empty() : Optional.of(open(all.getLast()));
    }

    private Checkpoint<S> open(Path path) {
        Path file = path.resolve("state.json");
        try {
            return new Checkpoint<>(path, Json.MAPPER.readValue(Files.readString(file), stateType));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (JacksonException e) {
            throw Problem.user("invalid_checkpoint", file + " cannot be read: " + e.getOriginalMessage()
                    + ". Remove " + path + " to go on from an earlier checkpoint, or from the start.").asException();
        }
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
