package dev.luthier.core.safetensors;

import dev.luthier.core.file.FileKind;
import dev.luthier.core.file.RegularFiles;
import dev.luthier.core.problem.Problem;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * A safetensors file mapped into memory for reading. The header is checked in full before anything is mapped.
 *
 * <p>Any thread may read. {@link #close} unmaps the file; a segment used afterwards throws IllegalStateException. The
 * file must not be shortened while it is open.
 */
public final class SafetensorsFile implements AutoCloseable {

    private final Path path;
    private final Arena arena;
    private final Map<String, String> metadata;
    private final SequencedMap<String, TensorEntry> tensors;

    private SafetensorsFile(Path path, Arena arena, Map<String, String> metadata,
            SequencedMap<String, TensorEntry> tensors) {
        this.path = path;
        this.arena = arena;
        this.metadata = Map.copyOf(metadata);
        this.tensors = Collections.unmodifiableSequencedMap(tensors);
    }

    /**
     * Opens and maps a file.
     *
     * @throws dev.luthier.core.problem.ProblemException USER, naming the file, if it is missing, truncated or malformed
     */
    public static SafetensorsFile open(Path path) {
        Arena arena = Arena.ofShared();
        try (FileChannel channel = RegularFiles.channel(path)) {
            SafetensorsHeader header = readHeader(path, channel);
            MemorySegment data = channel
                    .map(FileChannel.MapMode.READ_ONLY, header.dataStart(), channel.size() - header.dataStart(), arena);
            SequencedMap<String, TensorEntry> tensors = new LinkedHashMap<>();
            for (SafetensorsHeader.Place place : header.tensors()) {
                tensors.put(place.name(), new TensorEntry(place.name(), place.type(), place.shape(),
                        data.asSlice(place.begin(), place.end() - place.begin())));
            }
            return new SafetensorsFile(path, arena, header.metadata(), tensors);
        } catch (IOException e) {
            arena.close();
            throw Problem.user("unreadable_file", path + " cannot be read: " + RegularFiles.reason(e) + ".")
                    .asException(e);
        } catch (RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    private static SafetensorsHeader readHeader(Path path, FileChannel channel) throws IOException {
        long fileSize = channel.size();
        byte[] head = read(channel, 0, (int) Math.min(fileSize, FileKind.HEAD_BYTES)).array();
        Optional<FileKind> kind = FileKind.of(head);
        if (kind.isPresent()) {
            throw SafetensorsHeader.fault(path, kind.get().sentence());
        }
        if (fileSize < 8) {
            throw SafetensorsHeader.fault(path, "it has only " + fileSize + " bytes");
        }
        long length = read(channel, 0, 8).getLong();
        if (length < 2 || length > SafetensorsHeader.MAX_HEADER_BYTES) {
            throw SafetensorsHeader.fault(path, "its header would be " + Long.toUnsignedString(length)
                    + " bytes long, and must have 2 to " + SafetensorsHeader.MAX_HEADER_BYTES);
        }
        if (8 + length > fileSize) {
            throw SafetensorsHeader.fault(path, "it is truncated: its header alone needs " + (8 + length)
                    + " bytes, but the file has " + fileSize + ". Copy or download it again");
        }
        return SafetensorsHeader.parse(path, read(channel, 8, (int) length).array(), fileSize);
    }

    private static ByteBuffer read(FileChannel channel, long offset, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, offset + bytes.position()) < 0) {
                throw new EOFException();
            }
        }
        return bytes.flip();
    }

    public Path path() {
        return path;
    }

    /** The file's {@code __metadata__}; empty if there is none. */
    public Map<String, String> metadata() {
        return metadata;
    }

    /** All tensors by name, in the order of their bytes. */
    public SequencedMap<String, TensorEntry> tensors() {
        return tensors;
    }

    /**
     * The tensor of that name.
     *
     * @throws dev.luthier.core.problem.ProblemException USER if the file has no such tensor
     */
    public TensorEntry tensor(String name) {
        TensorEntry entry = tensors.get(name);
        if (entry == null) {
            throw Problem.user("missing_tensor", path + " has no tensor '" + name + "'.").asException();
        }
        return entry;
    }

    @Override
    public void close() {
        arena.close();
    }
}
