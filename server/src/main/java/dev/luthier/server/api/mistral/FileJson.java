package dev.luthier.server.api.mistral;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.luthier.core.data.DataFormat;
import dev.luthier.server.api.Dialect;
import dev.luthier.server.file.StoredFile;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A file as Mistral's clients see it. Times are Unix seconds.
 *
 * @param signature SHA-256 of the bytes, in hex
 * @param deleted only where a single file is asked for; always false, as a deleted file is not found
 * @param status for clients that may speak OpenAI's dialect
 */
record FileJson(String id, String object, long bytes, long createdAt, String filename, String purpose,
        String sampleType, long numLines, @Nullable String mimetype, String source, String signature,
        @Nullable Long expiresAt, String visibility,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Boolean deleted,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String status) {

    /** Of a file of samples: Mistral's clients know no others. */
    static FileJson of(StoredFile file, Dialect dialect, @Nullable Boolean deleted) {
        return new FileJson(file.id().toString(), "file", file.sizeBytes(), file.createdAt() / 1000, file.filename(),
                file.purpose().publicName(), sampleType(Objects.requireNonNull(file.format())), file.lines(),
                file.mimetype(), "upload", file.sha256(),
                file.expiresAt() == null ? null : file.expiresAt() / 1000, "workspace", deleted,
                dialect == Dialect.EITHER ? "processed" : null);
    }

    private static String sampleType(DataFormat format) {
        return switch (format) {
            case CHAT, PAIR, LABELLED -> "instruct";
            case PRETRAIN -> "pretrain";
        };
    }

    /**
     * One page of files. What follows {@code total} is for clients that may speak OpenAI's dialect.
     *
     * @param total null when the client did not want it
     */
    record FileList(List<FileJson> data, String object, @Nullable Long total,
            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Boolean hasMore,
            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String firstId,
            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String lastId) {}

    /** The answer to a deletion. */
    record DeletedFile(String id, String object, boolean deleted) {}

    /** An address that gives the file's content without a key. */
    record FileUrl(String url) {}
}
