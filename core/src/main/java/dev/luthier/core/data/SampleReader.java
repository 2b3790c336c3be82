package dev.luthier.core.data;

import dev.luthier.core.file.FileKind;
import dev.luthier.core.file.RegularFiles;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads a JSON Lines file of any size, sample by sample, in bounded memory. Blank lines are passed over: they are no
 * samples, but count in line numbers. One thread at a time.
 */
public final class SampleReader implements AutoCloseable {
    /** Bytes that a line may have, its end not counted; 16 MiB. */
    public static final int MAX_LINE_BYTES = 16 << 20;

    private final InputStream input;
    private final LineReader lines;
    private final @Nullable String fileFault;

    private SampleReader(InputStream source) {
        BufferedInputStream buffered = new BufferedInputStream(source);
        this.input = buffered;
        this.lines = new LineReader(buffered, MAX_LINE_BYTES);
        buffered.mark(FileKind.HEAD_BYTES);
        try {
            fileFault = FileForm.fault(buffered.readNBytes(FileKind.HEAD_BYTES)).orElse(null);
            buffered.reset();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Why the file as a whole is not JSON Lines; then no line is read. Empty when its lines will tell. */
    Optional<String> fileFault() {
        return Optional.ofNullable(fileFault);
    }

    public static SampleReader open(Path file) {
        try {
            return new SampleReader(RegularFiles.open(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads a stream, which the reader closes. */
    public static SampleReader of(InputStream input) {
        return new SampleReader(input);
    }

    /** The next line that is not blank, parsed; empty at the end. */
    public Optional<ParsedLine> next() {
        return nextLine().map(LineParser::parse);
    }

    /** The next line that is not blank, not parsed yet. */
    Optional<LineReader.Line> nextLine() {
        try {
            if (fileFault != null) {
                input.transferTo(OutputStream.nullOutputStream()); // whoever gives the bytes gives all
                return Optional.empty();
            }
            Optional<LineReader.Line> line = lines.next();
            while (line.isPresent() && line.get().isBlank()) {
                line = lines.next();
            }
            return line;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Lines read so far, blank ones included. */
    public long lines() {
        return lines.lines();
    }

    /** Bytes read so far; the size of the file once {@link #next} was empty. */
    public long bytesRead() {
        return lines.bytesRead();
    }

    @Override
    public void close() {
        try {
            input.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
