package dev.luthier.core.data;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Optional;

/**
 * Splits a stream into lines of bytes, at line feeds, with or without a carriage return before them. Memory is bounded:
 * the rest of a line beyond the limit is read and forgotten. A UTF-8 byte order mark at the start is passed over. The
 * caller closes the stream. One thread at a time.
 */
final class LineReader {
    private static final int BUFFER_BYTES = 1 << 16;
    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

    private final InputStream input;
    private final int maxLineBytes;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int position;
    private int limit;
    private byte[] line = new byte[1024];
    private int held;
    private long lines;
    private long bytesRead;

    LineReader(InputStream input, int maxLineBytes) {
        this.input = input;
        this.maxLineBytes = maxLineBytes;
    }

    /**
     * A line without its end.
     *
     * @param number from 1
     * @param bytes the line; cut after the limit if it is longer than that
     * @param sizeBytes of the whole line
     */
    @SuppressWarnings("ArrayRecordComponent") // Made for one reader, which is the only one to see it.
    record Line(long number, byte[] bytes, long sizeBytes) {
        boolean isTooLong() {
            return sizeBytes > bytes.length;
        }

        /** Whether the line has nothing but spaces and tabs. */
        boolean isBlank() {
            for (byte b : bytes) {
                if (b != ' ' && b != '\t') {
                    return false;
                }
            }
            return !isTooLong();
        }
    }

    /** The next line; empty at the end. A file that ends in a line feed has no further line after it. */
    Optional<Line> next() throws IOException {
        if (lines == 0) {
            passMark();
        }
        if (!fill()) {
            return Optional.empty();
        }
        held = 0;
        long size = 0;
        boolean ended = false;
        while (!ended && fill()) {
            int end = position;
            while (end < limit && buffer[end] != '\n') {
                end++;
            }
            hold(end - position);
            size += end - position;
            ended = end < limit;
            position = ended ? end + 1 : end;
        }
        lines++;
        if (ended && size == held && size > 0 && line[held - 1] == '\r') {
            size--;
        }
        return Optional.of(new Line(lines, Arrays.copyOf(line, (int) Math.min(size, maxLineBytes)), size));
    }

    private void passMark() throws IOException {
        limit = input.readNBytes(buffer, 0, BYTE_ORDER_MARK.length);
        bytesRead = limit;
        boolean marked = limit == BYTE_ORDER_MARK.length && Arrays.equals(buffer, 0, limit, BYTE_ORDER_MARK, 0, limit);
        position = marked ? limit : 0;
    }

    /* Keeps one byte more than the limit, for a carriage return that does not count. */
    private void hold(int count) {
        int kept = (int) Math.min(count, maxLineBytes + 1L - held);
        if (held + kept > line.length) {
            line = Arrays.copyOf(line, Math.max(held + kept, 2 * line.length));
        }
        System.arraycopy(buffer, position, line, held, kept);
        held += kept;
    }

    private boolean fill() throws IOException {
        if (position == limit) {
            position = 0;
            limit = Math.max(0, input.read(buffer));
            bytesRead += limit;
        }
        return limit > 0;
    }

    /** Lines so far. */
    long lines() {
        return lines;
    }

    /** Bytes so far, those that are only buffered included. */
    long bytesRead() {
        return bytesRead;
    }
}
