package dev.luthier.core.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;

/**
 * Writes an {@link EncodedFile} in constant memory. The file appears under its name only on {@link #commit}, complete
 * and forced to disk; closing without commit leaves nothing behind. One thread at a time.
 */
public final class EncodedFileWriter implements AutoCloseable {
    private static final int BUFFER_BYTES = 1 << 16;

    private final Path target;
    private final byte[] fingerprint;
    private final Path wordsPath;
    private final Path indexPath;
    private final BufferedWords words;
    private final BufferedWords index;
    private long units;
    private long wordCount;
    private long tokens;
    private long targetTokens;
    private boolean committed;

    /**
     * @param target name of the finished file; an existing one is replaced on commit
     * @param fingerprint SHA-256, 64 hex digits, of everything the content depends on (data file, tokenizer, template,
     *     limits), so that a reader can tell whether the file is still good
     */
    public EncodedFileWriter(Path target, String fingerprint) {
        this.target = target;
        this.fingerprint = HexFormat.of().parseHex(fingerprint);
        if (this.fingerprint.length != 32) {
            throw new IllegalArgumentException("fingerprint must have 64 hex digits: " + fingerprint);
        }
        wordsPath = target.resolveSibling(target.getFileName() + ".tmp");
        indexPath = target.resolveSibling(target.getFileName() + ".index.tmp");
        try {
            words = new BufferedWords(wordsPath);
            index = new BufferedWords(indexPath);
            words.putZeros(EncodedFile.HEADER_BYTES);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Appends a unit.
     *
     * @param line of the data file, from 1
     */
    public void add(long line, EncodedUnit unit) {
        try {
            index.putLong(wordCount);
            index.putLong(line);
            index.putInt(unit.sequences().getFirst().length());
            index.putInt(unit.labels().length);
            for (EncodedSample sequence : unit.sequences()) {
                for (int i = 0; i < sequence.length(); i++) {
                    words.putInt(word(sequence.tokens()[i], sequence.weights()[i]));
                }
            }
            for (int label : unit.labels()) {
                words.putInt(label);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        units++;
        wordCount += unit.length() + unit.labels().length;
        tokens += unit.length();
        targetTokens += unit.targetTokens();
    }

    private static int word(int token, float weight) {
        if (token < 0) {
            throw new IllegalArgumentException("negative token id " + token);
        }
        if (weight != 0 && weight != 1) {
            throw new IllegalArgumentException("loss weight must be 0 or 1: " + weight);
        }
        return weight == 1 ? token | EncodedFile.TARGET_BIT : token;
    }

    /** Finishes the file and puts it in place. Call once, after the last sample. */
    public void commit() {
        try {
            words.putZeros(
                    (int) (EncodedFile.indexStart(wordCount) - EncodedFile.HEADER_BYTES - wordCount * Integer.BYTES));
            index.putLong(wordCount);
            index.putZeros(EncodedFile.INDEX_ENTRY_BYTES - Long.BYTES);
            words.flush();
            index.flush();
            append(index.channel, words.channel);
            writeHeader(words.channel);
            writeChecksum(words.channel);
            words.channel.force(true);
            words.channel.close();
            Files.move(wordsPath, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            committed = true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void append(FileChannel from, FileChannel to) throws IOException {
        long size = from.size();
        long position = 0;
        while (position < size) {
            position += from.transferTo(position, size - position, to);
        }
    }

    private void writeHeader(FileChannel channel) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(EncodedFile.HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN)
                .putLong(EncodedFile.MAGIC).putLong(units).putLong(wordCount).putLong(targetTokens).putLong(tokens)
                .position(64).put(fingerprint).flip();
        write(channel, header, 0);
    }

    private static void writeChecksum(FileChannel channel) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            byte[] checksum = EncodedFile
                    .checksum(channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena));
            write(channel, ByteBuffer.wrap(checksum), EncodedFile.CHECKSUM);
        }
    }

    private static void write(FileChannel channel, ByteBuffer bytes, long start) throws IOException {
        long position = start;
        while (bytes.hasRemaining()) {
            position += channel.write(bytes, position);
        }
    }

    /** Removes what is not committed. */
    @Override
    public void close() {
        try {
            words.channel.close();
            index.channel.close();
            Files.deleteIfExists(indexPath);
            if (!committed) {
                Files.deleteIfExists(wordsPath);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final class BufferedWords {
        private final FileChannel channel;
        private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);

        BufferedWords(Path path) throws IOException {
            channel = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.READ, StandardOpenOption.WRITE);
        }

        void putInt(int value) throws IOException {
            room(Integer.BYTES);
            buffer.putInt(value);
        }

        void putLong(long value) throws IOException {
            room(Long.BYTES);
            buffer.putLong(value);
        }

        void putZeros(int count) throws IOException {
            for (int i = 0; i < count; i++) {
                room(1);
                buffer.put((byte) 0);
            }
        }

        private void room(int bytes) throws IOException {
            if (buffer.remaining() < bytes) {
                flush();
            }
        }

        void flush() throws IOException {
            buffer.flip();
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            buffer.clear();
        }
    }
}
