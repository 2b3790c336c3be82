package dev.luthier.server.backup;

import dev.luthier.core.digest.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/** Copies files so that the copy is on disk, readable by its owner alone, and its hash is known. */
final class FileCopy {
    private static final int BUFFER_BYTES = 1 << 20;
    private static final boolean POSIX = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");

    private FileCopy() {}

    /**
     * Copies what a file holds now, or only reads it.
     *
     * @param path that the entry is to have
     * @param target must not exist; null to read only
     */
    static Manifest.Entry copy(Path source, @Nullable Path target, String path) throws IOException {
        MessageDigest digest = Sha256.start();
        long size = 0;
        byte[] buffer = new byte[BUFFER_BYTES];
        try (InputStream in = Files.newInputStream(source); FileChannel out = target == null ? null : create(target)) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                digest.update(buffer, 0, read);
                size += read;
                if (out != null) {
                    ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, read);
                    while (bytes.hasRemaining()) {
                        out.write(bytes);
                    }
                }
            }
            if (out != null) {
                out.force(true);
            }
        }
        return new Manifest.Entry(path, size, Sha256.hex(digest));
    }

    private static FileChannel create(Path file) throws IOException {
        makeFolder(file.toAbsolutePath().getParent());
        Files.createFile(file, ownerOnly("rw-------"));
        return FileChannel.open(file, StandardOpenOption.WRITE);
    }

    /** Makes a directory, and those above it, that its owner alone can read; does nothing when it is there. */
    static void makeFolder(@Nullable Path folder) throws IOException {
        if (folder != null) {
            Files.createDirectories(folder, ownerOnly("rwx------"));
        }
    }

    private static FileAttribute<?>[] ownerOnly(String permissions) {
        return POSIX
                ? new FileAttribute<?>[]{
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))}
                : new FileAttribute<?>[0];
    }
}
