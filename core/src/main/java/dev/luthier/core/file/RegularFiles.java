package dev.luthier.core.file;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/**
 * Opens files whose path or folder a user names. Only a regular file is opened, through links or not: a pipe would keep
 * its reader waiting for ever, and a device may give bytes without end.
 */
public final class RegularFiles {
    private RegularFiles() {}

    /**
     * Opens a file for reading.
     *
     * @throws IOException with a sentence, if it is there and is no regular file
     */
    public static InputStream open(Path file) throws IOException {
        check(file);
        return Files.newInputStream(file);
    }

    /** The same as a channel. */
    public static FileChannel channel(Path file) throws IOException {
        check(file);
        return FileChannel.open(file, StandardOpenOption.READ);
    }

    /**
     * The bytes of a file that is read whole.
     *
     * @param maxBytes of a file of that kind; a larger one, be it only by its holes, is not read
     */
    public static byte[] read(Path file, int maxBytes) throws IOException {
        try (InputStream content = open(file)) {
            byte[] bytes = content.readNBytes(maxBytes + 1);
            if (bytes.length > maxBytes) {
                throw new IOException("it is larger than " + maxBytes + " bytes, the most that such a file may have");
            }
            return bytes;
        }
    }

    /** The text of a file that is read whole, from UTF-8. */
    public static String readText(Path file, int maxBytes) throws IOException {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(read(file, maxBytes))).toString();
        } catch (CharacterCodingException e) {
            throw new IOException("it is not UTF-8", e);
        }
    }

    /** Why a file cannot be read, to follow {@code FILE cannot be read:}. */
    public static String reason(IOException fault) {
        return switch (fault) {
            case NoSuchFileException e -> "there is no such file";
            case AccessDeniedException e -> "this user may not read it";
            case FileSystemException e when e.getReason() != null -> e.getReason();
            default -> Objects.requireNonNullElse(fault.getMessage(), "the system gives no reason");
        };
    }

    private static void check(Path file) throws IOException {
        if (Files.notExists(file)) {
            throw new NoSuchFileException(file.toString());
        }
        if (!Files.isRegularFile(file)) {
            throw new IOException(Files.isDirectory(file)
                    ? "it is a folder, not a file"
                    : "it is not a regular file, but a pipe, a socket or a device");
        }
    }
}
