package dev.luthier.core.storage;

import dev.luthier.core.problem.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A fault of the disk that passes: whoever meets one waits and tries again, and loses nothing.
 *
 * <p>Java reports them as the operating system's text, which is all there is to tell them by. {@code luthier} starts every
 * program with {@code LC_MESSAGES=C}, so that the text is English.
 */
public enum StorageFault {
    FULL("disk_full", "is full", "Free some space.",
            "No space left on device|Disk quota exceeded|File too large|not enough space on the disk"),
    READ_ONLY("disk_read_only", "can only be read", "Make it writable.",
            "Read-only file system|media is write protected"),
    NO_HANDLES("too_many_open_files", "cannot be used because too many files are open",
            "Raise the limit of open files (ulimit -n).", "Too many open files"),
    FAILING("disk_failing", "fails to read or write", "Check the disk and its connection.",
            "Input/output error|Stale file handle|Transport endpoint is not connected|Remote I/O error|Host is down"
                    + "|I/O device error");

    private static final long ALMOST_NOTHING_BYTES = 64 << 10;

    private final String code;
    private final String state;
    private final String advice;
    private final Pattern texts;

    StorageFault(String code, String state, String advice, String texts) {
        this.code = code;
        this.state = state;
        this.advice = advice;
        this.texts = Pattern.compile(texts);
    }

    /** The code of its problems. */
    public String code() {
        return code;
    }

    /** The fault that lies behind something thrown, at any depth of its causes; empty when it is something else. */
    public static Optional<StorageFault> in(@Nullable Throwable thrown) {
        Set<Throwable> seen = new HashSet<>();
        for (Throwable each = thrown; each != null && seen.add(each); each = each.getCause()) {
            if (each instanceof IOException) {
                String message = String.valueOf(each.getMessage());
                for (StorageFault fault : values()) {
                    if (fault.texts.matcher(message).find()) {
                        return Optional.of(fault);
                    }
                }
            }
        }
        return Optional.empty();
    }

    /** The fault that problems of a code tell of. */
    public static Optional<StorageFault> ofCode(String code) {
        return Arrays.stream(values()).filter(fault -> fault.code.equals(code)).findFirst();
    }

    /**
     * The fault as a problem that names the bytes that are free, without naming the place.
     *
     * @param place a file or directory on the disk
     * @param neededBytes what was to be written, or 0 when that is not known
     */
    public Problem problem(Path place, long neededBytes) {
        long free = freeBytes(place);
        // SQLite and some file systems report a full disk as a failing one.
        StorageFault fault = this == FAILING && free >= 0 && free < ALMOST_NOTHING_BYTES ? FULL : this;
        String room = fault != FULL || free < 0
                ? ""
                : " (" + (neededBytes > 0 ? String.format(Locale.ROOT, "%,d bytes are needed, ", neededBytes) : "")
                        + String.format(Locale.ROOT, "%,d bytes are free)", free);
        return Problem.resource(fault.code, "The disk " + fault.state + room + ". " + fault.advice);
    }

    /** Bytes that this process may still write to a disk; -1 when that cannot be found out. */
    public static long freeBytes(Path place) {
        try {
            return Files.getFileStore(place).getUsableSpace();
        } catch (IOException e) {
            return -1;
        }
    }
}
