package dev.luthier.server.file;

import dev.luthier.core.digest.Sha256;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;

/**
 * The bytes of a stored file, the last of which are handed out only when all of them are as they were stored. So whoever
 * copies them somewhere either gets the whole file or a failure. A file that is read in part is not checked. One thread.
 */
final class VerifiedStream extends FilterInputStream {
    private final StoredFile file;
    private final MessageDigest digest = Sha256.start();
    private long seen;
    private boolean skipped;

    VerifiedStream(InputStream in, StoredFile file) {
        super(in);
        this.file = file;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    /** @throws ProblemException INTERNAL {@code file_damaged} */
    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        int read = in.read(buffer, offset, length);
        if (skipped || length == 0) {
            return read;
        }
        if (read > 0) {
            seen += read;
            digest.update(buffer, offset, read);
        }
        if (read < 0 ? seen < file.sizeBytes() : seen > file.sizeBytes()) {
            throw damaged("it has " + (read < 0 ? "only " + seen : "more than " + file.sizeBytes()) + " bytes");
        }
        if (read > 0 && seen == file.sizeBytes()) {
            String found = Sha256.hex(digest);
            if (!found.equals(file.sha256())) {
                throw damaged("its SHA-256 is " + found);
            }
        }
        return read;
    }

    private ProblemException damaged(String why) {
        return Problem.internal("file_damaged", "The stored bytes of the file " + file.id() + " are damaged: " + why
                + ", and it was stored with " + file.sizeBytes() + " bytes of the SHA-256 " + file.sha256()
                + ". Restore files/" + file.id() + " from a backup, or upload the file again.").asException();
    }

    @Override
    public long skip(long bytes) throws IOException {
        skipped = true;
        return in.skip(bytes);
    }

    @Override
    public boolean markSupported() {
        return false;
    }
}
