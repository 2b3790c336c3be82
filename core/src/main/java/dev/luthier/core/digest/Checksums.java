package dev.luthier.core.digest;

import dev.luthier.core.storage.StorageFault;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The file {@value #FILE} of a directory: the SHA-256 of files beside it, in the format that {@code sha256sum -c} checks.
 * It goes with the directory when that is moved, copied or packed.
 */
public final class Checksums {
    public static final String FILE = "SHA256SUMS";

    private static final Pattern LINE = Pattern.compile("([0-9a-f]{64}) [ *](.+)");

    private Checksums() {}

    /**
     * Writes the file and forces it to disk.
     *
     * @param sums lower-case hex by file name
     */
    public static void write(Path directory, Map<String, String> sums) throws IOException {
        StringBuilder lines = new StringBuilder();
        new TreeMap<>(sums).forEach((name, sum) -> lines.append(sum).append("  ").append(name).append('\n'));
        try (FileChannel channel = FileChannel.open(directory.resolve(FILE), StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(lines.toString().getBytes(StandardCharsets.US_ASCII));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
    }

    /** Whether a directory has checksums; those that earlier versions wrote have none. */
    public static boolean areIn(Path directory) {
        return Files.exists(directory.resolve(FILE));
    }

    /**
     * Compares the files of a directory with their checksums.
     *
     * @return what is damaged, as half a sentence that names the file; empty when all is as it was written, or the
     *     directory has no checksums
     */
    public static Optional<String> damage(Path directory) {
        if (!areIn(directory)) {
            return Optional.empty();
        }
        try {
            SequencedMap<String, String> sums = new TreeMap<>();
            for (String line : Files.readString(directory.resolve(FILE), StandardCharsets.ISO_8859_1).split("\n", -1)) {
                Matcher sum = LINE.matcher(line);
                if (sum.matches()) {
                    sums.put(sum.group(2), sum.group(1));
                } else if (!line.isEmpty()) {
                    return Optional.of(FILE + " is not a list of checksums");
                }
            }
            return sums.isEmpty() ? Optional.of(FILE + " is empty") : mismatch(directory, sums);
        } catch (IOException e) {
            requireNoStorageFault(e);
            return Optional.of(FILE + " cannot be read: " + e);
        }
    }

    private static Optional<String> mismatch(Path directory, Map<String, String> sums) {
        for (Map.Entry<String, String> sum : sums.entrySet()) {
            Path file = directory.resolve(sum.getKey());
            try {
                String found = Files.exists(file) ? Sha256.hex(file) : "";
                if (!found.equals(sum.getValue())) {
                    return Optional.of(found.isEmpty()
                            ? sum.getKey() + " is missing"
                            : sum.getKey() + " has the SHA-256 " + found + " and was written with " + sum.getValue());
                }
            } catch (IOException e) {
                requireNoStorageFault(e);
                return Optional.of(sum.getKey() + " cannot be read: " + e);
            }
        }
        return Optional.empty();
    }

    /* What passes by itself says nothing of the files. */
    private static void requireNoStorageFault(IOException e) {
        if (StorageFault.in(e).isPresent()) {
            throw new UncheckedIOException(e);
        }
    }
}
