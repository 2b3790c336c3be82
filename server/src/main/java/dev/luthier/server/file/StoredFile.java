package dev.luthier.server.file;

import dev.luthier.core.data.DataFormat;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A file that clients can see. Times are epoch milliseconds.
 *
 * @param filename as the client named it, without folders
 * @param format of the samples; null of files that hold none
 * @param mimetype as the client gave it
 * @param lines blank ones included
 * @param sha256 lower-case hex of the bytes
 * @param expiresAt when the file goes by itself; null is never
 */
public record StoredFile(UUID id, String organization, String project, String filename, FilePurpose purpose,
        @Nullable DataFormat format, @Nullable String mimetype, long sizeBytes, long lines, String sha256,
        long createdAt, @Nullable Long expiresAt) {
    public StoredFile {
        if ((purpose == FilePurpose.FINE_TUNE) != (format != null)) {
            throw new IllegalArgumentException(purpose + " with format " + format);
        }
    }
}
