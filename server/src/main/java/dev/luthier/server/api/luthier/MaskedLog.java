package dev.luthier.server.api.luthier;

import dev.luthier.server.config.ServerPaths;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Reads a log for people who do not run the server: its paths are masked, and every byte keeps its place. */
final class MaskedLog {
    private static final int CHUNK = 1 << 16;

    private MaskedLog() {}

    /**
     * Writes the log's bytes from an offset on.
     *
     * @param toEnd whether to write a last line that has no end yet; its paths may not be whole
     */
    static void copy(Path log, long offset, boolean toEnd, OutputStream out) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
            long position = lineStart(file, Math.min(offset, file.length()));
            long skip = Math.min(offset, file.length()) - position;
            long end = file.length();
            while (position < end) {
                byte[] bytes = new byte[(int) Math.min(CHUNK, end - position)];
                file.seek(position);
                file.readFully(bytes);
                int length = wholeLines(bytes, toEnd || position + bytes.length < end);
                if (length == 0) {
                    return;
                }
                byte[] masked = ServerPaths.mask(new String(bytes, 0, length, StandardCharsets.ISO_8859_1))
                        .getBytes(StandardCharsets.ISO_8859_1);
                int from = (int) Math.min(skip, length);
                out.write(masked, from, length - from);
                skip -= from;
                position += length;
            }
        }
    }

    /* A line longer than a chunk is taken in pieces. */
    private static int wholeLines(byte[] bytes, boolean all) {
        for (int i = bytes.length; i > 0; i--) {
            if (bytes[i - 1] == '\n') {
                return i;
            }
        }
        return all ? bytes.length : 0;
    }

    private static long lineStart(RandomAccessFile file, long offset) throws IOException {
        long from = Math.max(0, offset - CHUNK);
        byte[] before = new byte[(int) (offset - from)];
        file.seek(from);
        file.readFully(before);
        return from + wholeLines(before, false);
    }
}
