package dev.luthier.core.safetensors;

import dev.luthier.core.digest.Sha256;
import dev.luthier.core.json.Json;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Writes a safetensors file. The same tensors and metadata give the same bytes, whatever the order of the calls: wider
 * element types come first, so that every tensor is aligned, then names in order, as the reference writer does.
 *
 * <p>Not thread-safe; use one writer for one file.
 */
public final class SafetensorsWriter {

    private static final int CHUNK_BYTES = 1 << 24;

    private final Map<String, String> metadata = new TreeMap<>();
    private final Map<String, Pending> pending = new TreeMap<>();

    private record Pending(String name, TensorType type, List<Long> shape, long sizeBytes,
            Supplier<MemorySegment> data) {}

    /** Adds an entry of {@code __metadata__}. */
    public SafetensorsWriter metadata(String key, String value) {
        metadata.put(key, value);
        return this;
    }

    /** Adds a tensor whose bytes (row-major, little-endian) stay unchanged and valid until {@link #write}. */
    public SafetensorsWriter add(String name, TensorType type, List<Long> shape, MemorySegment data) {
        return add(name, type, shape, () -> data);
    }

    /** Adds a tensor from the remaining bytes of a buffer, which stay unchanged until {@link #write}. */
    public SafetensorsWriter add(String name, TensorType type, List<Long> shape, ByteBuffer data) {
        return add(name, type, shape, MemorySegment.ofBuffer(data));
    }

    /** Adds an F32 tensor. */
    public SafetensorsWriter add(String name, List<Long> shape, float[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return add(name, TensorType.F32, shape, bytes);
    }

    /**
     * Adds a tensor whose bytes are asked for only when their turn comes, so that one at a time needs host memory.
     *
     * @throws IllegalArgumentException if the name is taken or reserved or a dimension is negative
     */
    public SafetensorsWriter add(String name, TensorType type, List<Long> shape, Supplier<MemorySegment> data) {
        long sizeBytes = type.sizeBytes();
        for (long dimension : shape) {
            if (dimension < 0) {
                throw new IllegalArgumentException("tensor '" + name + "' has shape " + shape);
            }
            sizeBytes = Math.multiplyExact(sizeBytes, dimension);
        }
        Pending tensor = new Pending(name, type, List.copyOf(shape), sizeBytes, data);
        if (name.equals(SafetensorsHeader.METADATA) || pending.putIfAbsent(name, tensor) != null) {
            throw new IllegalArgumentException("tensor name '" + name + "' is taken");
        }
        return this;
    }

    /**
     * Writes everything to a temporary name beside the file, forces it to disk and renames it.
     *
     * @return SHA-256 of the file's bytes, lower-case hex
     * @throws IOException if writing fails; the temporary file is then removed
     * @throws IllegalArgumentException if a tensor's bytes do not match its type and shape
     */
    public String write(Path file) throws IOException {
        Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
        try {
            MessageDigest digest = Sha256.start();
            try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
                List<Pending> order = new ArrayList<>(pending.values());
                order.sort(Comparator.comparing(Pending::type).reversed().thenComparing(Pending::name));
                append(channel, digest, MemorySegment.ofArray(header(order)));
                for (Pending tensor : order) {
                    MemorySegment data = tensor.data().get();
                    if (data.byteSize() != tensor.sizeBytes()) {
                        throw new IllegalArgumentException("tensor '" + tensor.name() + "' of shape " + tensor.shape()
                                + " needs " + tensor.sizeBytes() + " bytes and got " + data.byteSize());
                    }
                    append(channel, digest, data);
                }
                channel.force(true);
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            return HexFormat.of().formatHex(digest.digest());
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    /** Length prefix and JSON, padded with spaces so that the data part starts at a multiple of 8. */
    private byte[] header(List<Pending> order) {
        SequencedMap<String, Object> json = new LinkedHashMap<>();
        if (!metadata.isEmpty()) {
            json.put(SafetensorsHeader.METADATA, metadata);
        }
        long offset = 0;
        for (Pending tensor : order) {
            SequencedMap<String, Object> entry = new LinkedHashMap<>();
            entry.put("dtype", tensor.type().name());
            entry.put("shape", tensor.shape());
            entry.put("data_offsets", List.of(offset, offset + tensor.sizeBytes()));
            json.put(tensor.name(), entry);
            offset += tensor.sizeBytes();
        }
        byte[] text = Json.write(json).getBytes(StandardCharsets.UTF_8);
        int padded = (text.length + 7) / 8 * 8;
        ByteBuffer bytes = ByteBuffer.allocate(8 + padded).order(ByteOrder.LITTLE_ENDIAN).putLong(padded).put(text);
        while (bytes.hasRemaining()) {
            bytes.put((byte) ' ');
        }
        return bytes.array();
    }

    private static void append(FileChannel channel, MessageDigest digest, MemorySegment data) throws IOException {
        for (long start = 0; start < data.byteSize(); start += CHUNK_BYTES) {
            ByteBuffer chunk = data.asSlice(start, Math.min(CHUNK_BYTES, data.byteSize() - start)).asByteBuffer();
            digest.update(chunk.duplicate());
            while (chunk.hasRemaining()) {
                channel.write(chunk);
            }
        }
    }
}
