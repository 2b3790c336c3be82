package dev.luthier.server.file;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Iterator;
import java.util.List;

/** Files one after the other as one stream; what is read of it is also written to a new file. One thread at a time. */
final class CopyingStream extends InputStream {
    private final Iterator<Path> files;
    private final OutputStream copy;
    private InputStream current = InputStream.nullInputStream();

    /** @param copy must not exist yet */
    CopyingStream(List<Path> files, Path copy) throws IOException {
        this.files = List.copyOf(files).iterator();
        this.copy = Files.newOutputStream(copy, StandardOpenOption.CREATE_NEW);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        int read = current.read(into, offset, length);
        while (read < 0 && files.hasNext()) {
            current.close();
            current = Files.newInputStream(files.next());
            read = current.read(into, offset, length);
        }
        if (read > 0) {
            copy.write(into, offset, read);
        }
        return read;
    }

    @Override
    public void close() throws IOException {
        try (copy) {
            current.close();
        }
    }
}
