package dev.luthier.server.model;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

/**
 * Packs the files of one directory as a gzipped tar archive (POSIX ustar). Owner, mode and times are fixed, so the same
 * files always give the same bytes.
 */
public final class TarGzip {
    private static final int BLOCK = 512;
    private static final int MAX_NAME = 100;

    private TarGzip() {}

    /**
     * Writes the directory's plain files, in the order of their names; leaves the stream open.
     *
     * @throws IOException also when a file changes meanwhile: what was written is then no whole archive
     */
    public static void write(Path directory, OutputStream out) throws IOException {
        GZIPOutputStream gzip = new GZIPOutputStream(out, 1 << 16);
        List<Path> files;
        try (Stream<Path> entries = Files.list(directory)) {
            files = entries.filter(Files::isRegularFile).sorted().toList();
        }
        for (Path file : files) {
            long size = Files.size(file);
            gzip.write(header(file.getFileName().toString(), size));
            if (Files.copy(file, gzip) != size) {
                throw new IOException(file + " was changed while it was packed");
            }
            gzip.write(new byte[(int) ((BLOCK - size % BLOCK) % BLOCK)]);
        }
        gzip.write(new byte[2 * BLOCK]);
        gzip.finish();
    }

    private static byte[] header(String name, long size) {
        byte[] encoded = name.getBytes(StandardCharsets.UTF_8);
        if (encoded.length > MAX_NAME) {
            throw new IllegalArgumentException("the file name " + name + " is too long for a tar archive");
        }
        byte[] header = new byte[BLOCK];
        System.arraycopy(encoded, 0, header, 0, encoded.length);
        octal(header, 100, 8, 0644);
        octal(header, 108, 8, 0);
        octal(header, 116, 8, 0);
        size(header, size);
        octal(header, 136, 12, 0);
        header[156] = '0';
        text(header, 257, "ustar\0" + "00");
        text(header, 148, "        ");
        int sum = 0;
        for (byte value : header) {
            sum += value & 0xff;
        }
        octal(header, 148, 7, sum);
        return header;
    }

    /** Eleven octal digits reach 8 GiB; larger sizes are stored in base 256, which GNU and BSD tar read. */
    private static void size(byte[] header, long size) {
        if (size < 1L << 33) {
            octal(header, 124, 12, size);
            return;
        }
        header[124] = (byte) 0x80;
        for (int i = 0; i < 8; i++) {
            header[135 - i] = (byte) (size >>> (8 * i));
        }
    }

    private static void octal(byte[] header, int offset, int length, long value) {
        text(header, offset, String.format("%0" + (length - 1) + "o", value) + "\0");
    }

    private static void text(byte[] header, int offset, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(bytes, 0, header, offset, bytes.length);
    }
}
