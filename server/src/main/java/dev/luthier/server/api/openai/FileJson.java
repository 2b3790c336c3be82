package dev.luthier.server.api.openai;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.luthier.server.api.ClientIntegers;
import dev.luthier.server.api.Ids;
import dev.luthier.server.file.StoredFile;
import org.jspecify.annotations.Nullable;

/**
 * A file as OpenAI's clients see it. Times are Unix seconds.
 *
 * @param expiresAt left out of files that stay
 * @param status always "processed": what is stored has been checked
 */
record FileJson(String id, String object, long bytes, long createdAt,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Long expiresAt, String filename, String purpose,
        String status) {

    static FileJson of(StoredFile file, ClientIntegers integers) {
        return new FileJson(publicId(file), "file", integers.fitting(file.sizeBytes()), file.createdAt() / 1000,
                file.expiresAt() == null ? null : file.expiresAt() / 1000, file.filename(),
                file.purpose().publicName(), "processed");
    }

    static String publicId(StoredFile file) {
        return Ids.openAi(Ids.FILE, file.id());
    }

    /** The answer to a deletion. */
    record DeletedFile(String id, String object, boolean deleted) {}
}
