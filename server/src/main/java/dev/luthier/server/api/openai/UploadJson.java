package dev.luthier.server.api.openai;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.luthier.server.api.ClientIntegers;
import dev.luthier.server.api.Ids;
import dev.luthier.server.file.FilePurpose;
import dev.luthier.server.file.PartedUpload;
import dev.luthier.server.file.StoredFile;
import dev.luthier.server.file.UploadPart;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * An upload as OpenAI's clients see it. Times are Unix seconds.
 *
 * @param bytes that the file will have
 * @param expiresAt of the upload, not of its file
 * @param file left out until there is one
 */
record UploadJson(String id, String object, long bytes, long createdAt, String filename, String purpose, String status,
        long expiresAt, @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable FileJson file) {

    static UploadJson of(PartedUpload upload, @Nullable StoredFile file, ClientIntegers integers) {
        return new UploadJson(Ids.openAi(Ids.UPLOAD, upload.id()), "upload", integers.fitting(upload.sizeBytes()),
                upload.createdAt() / 1000, upload.filename(), FilePurpose.FINE_TUNE.publicName(),
                upload.status().name().toLowerCase(Locale.ROOT), upload.expiresAt() / 1000,
                file == null ? null : FileJson.of(file, integers));
    }

    /** One part of an upload. */
    record PartJson(String id, String object, long createdAt, String uploadId) {
        static PartJson of(UploadPart part) {
            return new PartJson(Ids.openAi(Ids.UPLOAD_PART, part.id()), "upload.part", part.createdAt() / 1000,
                    Ids.openAi(Ids.UPLOAD, part.upload()));
        }
    }
}
