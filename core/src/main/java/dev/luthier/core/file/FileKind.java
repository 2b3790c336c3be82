package dev.luthier.core.file;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Kinds of files that people give in place of another one, told by their first bytes.
 */
public enum FileKind {
    LFS_POINTER("a Git LFS pointer: its content was not downloaded", "Run git lfs pull, or download the file itself",
            ""),
    GZIP("compressed with gzip", "Unpack it first", "1f8b"),
    ZSTD("compressed with zstd", "Unpack it first", "28b52ffd"),
    XZ("compressed with xz", "Unpack it first", "fd377a585a00"),
    BZIP2("compressed with bzip2", "Unpack it first", "425a68"),
    SEVEN_ZIP("a 7z archive", "Unpack it first", "377abcaf271c"),
    ZIP("a zip archive (a checkpoint of torch.save and a spreadsheet are such, too)",
            "Unpack it, or save it in the right format", "504b0304|504b0506"),
    PARQUET("a Parquet file", "Export it as JSON Lines", "50415231"),
    ARROW("an Arrow file", "Export it as JSON Lines", "4152524f5731"),
    SQLITE("an SQLite database", "Export its rows", "53514c69746520666f726d6174203300"),
    GGUF("a GGUF file of llama.cpp", "Take the model in safetensors format", "47475546"),
    HDF5("an HDF5 file", "Save it in the right format", "894844460d0a1a0a"),
    PDF("a PDF document", "Export its text", "255044462d"),
    PICKLE("a pickle, which may run code", "Save it as safetensors", "8002|8003|8004|8005"),
    UTF_32("text in UTF-32", "Save it as UTF-8", "fffe0000|0000feff"),
    UTF_16("text in UTF-16", "Save it as UTF-8", "fffe|feff"),
    HTML("an HTML page, as a failed download leaves it", "Download the file itself", "");

    /** First bytes that are enough to tell. */
    public static final int HEAD_BYTES = 1024;
    private static final int SAFETENSORS_BYTES = 9;

    private final String name;
    private final String advice;
    /** First bytes in hex, alternatives separated by bars; empty when text tells. */
    private final String starts;

    FileKind(String name, String advice, String starts) {
        this.name = name;
        this.advice = advice;
        this.starts = starts;
    }

    /** What the file is, with an article: "a Parquet file". */
    public String description() {
        return name;
    }

    /** What to do, without a full stop. */
    public String advice() {
        return advice;
    }

    /** "it is a Parquet file. Export it as JSON Lines", without a full stop at the end. */
    public String sentence() {
        return "it is " + name + ". " + advice;
    }

    /** The kind of a file whose first bytes these are; empty when it is none of these. */
    public static Optional<FileKind> of(byte[] head) {
        String hex = HexFormat.of().formatHex(head, 0, Math.min(head.length, 16));
        Optional<FileKind> known = Stream.of(values()).filter(kind -> !kind.starts.isEmpty())
                .filter(kind -> Stream.of(kind.starts.split("\\|")).anyMatch(hex::startsWith)).findFirst();
        if (known.isPresent()) {
            return isSafetensors(head) ? Optional.empty() : known;
        }
        String text = new String(head, StandardCharsets.ISO_8859_1);
        if (text.startsWith("version https://git-lfs")) {
            return Optional.of(LFS_POINTER);
        }
        String start = text.strip().toLowerCase(Locale.ROOT);
        if (start.startsWith("<!doctype html") || start.startsWith("<html") || start.startsWith("<head")) {
            return Optional.of(HTML);
        }
        return isUtf16WithoutMark(head) ? Optional.of(UTF_16) : Optional.empty();
    }

    /** The kind of a file; empty also when it cannot be read. */
    public static Optional<FileKind> of(Path file) {
        try (InputStream input = RegularFiles.open(file)) {
            return of(input.readNBytes(HEAD_BYTES));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /* The length of a safetensors header, which comes first, may look like the mark of another file. */
    private static boolean isSafetensors(byte[] head) {
        return head.length >= SAFETENSORS_BYTES && head[8] == '{'
                && ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).getLong() >>> 32 == 0;
    }

    /** Whether every other one of the first bytes is zero, as in ASCII text in UTF-16. */
    private static boolean isUtf16WithoutMark(byte[] head) {
        if (head.length < 4) {
            return false;
        }
        boolean little = true;
        boolean big = true;
        for (int i = 0; i + 1 < Math.min(head.length, 64); i += 2) {
            little &= head[i] > 0 && head[i + 1] == 0;
            big &= head[i] == 0 && head[i + 1] > 0;
        }
        return little || big;
    }
}
