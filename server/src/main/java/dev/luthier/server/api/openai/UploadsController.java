package dev.luthier.server.api.openai;

import dev.luthier.server.api.ApiFailure;
import dev.luthier.server.api.ClientIntegers;
import dev.luthier.server.api.Fault;
import dev.luthier.server.api.FieldValue;
import dev.luthier.server.api.Fields;
import dev.luthier.server.api.Ids;
import dev.luthier.server.api.Query;
import dev.luthier.server.api.ReceivedPart;
import dev.luthier.server.api.RequiresScope;
import dev.luthier.server.api.UploadForm;
import dev.luthier.server.api.openai.UploadJson.PartJson;
import dev.luthier.server.config.KnownSettings;
import dev.luthier.server.config.Settings;
import dev.luthier.server.file.FilePurpose;
import dev.luthier.server.file.FileService;
import dev.luthier.server.file.InvalidFile;
import dev.luthier.server.file.PartedUpload;
import dev.luthier.server.file.UploadService;
import dev.luthier.server.key.Principal;
import dev.luthier.server.key.Scope;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Files that arrive in parts: create, add parts, complete, cancel. */
@RestController
@RequestMapping("/openai/v1/uploads")
public final class UploadsController {
    private static final Pattern MD5 = Pattern.compile("\\p{XDigit}{32}");
    private static final int MAX_MIME_TYPE = 255;

    private final UploadService uploads;
    private final Settings settings;

    public UploadsController(UploadService uploads, Settings settings) {
        this.uploads = uploads;
        this.settings = settings;
    }

    @PostMapping
    @RequiresScope(Scope.WRITE)
    UploadJson create(Principal principal, ClientIntegers integers, Query query, Fields body) {
        query.finish();
        String filename = body.text("filename").notEmpty().maxLength(FileRequests.MAX_NAME).required();
        String purpose = body.choice("purpose", FileRequests.PURPOSES).required(FilePurpose.FINE_TUNE.publicName());
        if (!FileRequests.isBuilt(purpose)) {
            body.value("purpose").fault("not_built", FileRequests.notBuilt(purpose));
        }
        long bytes = body.integer("bytes").atLeast(1).atMost(settings.get(KnownSettings.UPLOADS_MAX_BYTES)).required();
        String mimetype = body.text("mime_type").notEmpty().maxLength(MAX_MIME_TYPE).required();
        Duration lifetime = body.has("expires_after")
                ? FileRequests.lifetime(body.object("expires_after"))
                : null;
        body.finish();
        return UploadJson.of(
                uploads.create(principal, new FileService.Upload(filename, mimetype, lifetime), mimetype, bytes), null,
                integers);
    }

    @PostMapping("/{id}/parts")
    @RequiresScope(Scope.WRITE)
    PartJson addPart(Principal principal, Query query, @PathVariable("id") String id, HttpServletRequest request)
            throws IOException {
        query.finish();
        PartedUpload upload = find(principal, id);
        UploadForm form = UploadForm.receive(request, KnownSettings.UPLOADS_MAX_PART_BYTES, settings);
        ReceivedPart data = form.bytes("data");
        if (data != null && data.sizeBytes() == 0) {
            form.fault("invalid_value", "data", "data is empty.");
        }
        form.finish();
        return PartJson.of(uploads.addPart(upload, Objects.requireNonNull(data).file()));
    }

    @PostMapping("/{id}/complete")
    @RequiresScope(Scope.WRITE)
    UploadJson complete(Principal principal, ClientIntegers integers, Query query, @PathVariable("id") String id,
            Fields body) {
        query.finish();
        PartedUpload upload = find(principal, id);
        body.value("part_ids").requireGiven();
        List<UUID> parts = new ArrayList<>();
        for (FieldValue element : body.list("part_ids")) {
            String text = element.text().required();
            Optional<UUID> part = Ids.parse(Ids.UPLOAD_PART, text);
            if (part.isEmpty() && element.isText()) {
                element.fault("unknown_part", element.name() + " \"" + FieldValue.shown(text)
                        + "\" is not a part of this upload.");
            }
            part.ifPresent(parts::add);
        }
        String md5 = body.text("md5").matching(MD5, "have 32 hexadecimal digits").orNull();
        body.finish();
        try {
            UploadService.Completed completed = uploads.complete(upload, parts, md5);
            return UploadJson.of(completed.upload(), completed.file(), integers);
        } catch (InvalidFile e) {
            throw FileFaults.failure(e);
        }
    }

    /** A body is not needed, and not read. */
    @PostMapping("/{id}/cancel")
    @RequiresScope(Scope.WRITE)
    UploadJson cancel(Principal principal, ClientIntegers integers, Query query, @PathVariable("id") String id) {
        query.finish();
        return UploadJson.of(uploads.cancel(find(principal, id)), null, integers);
    }

    private PartedUpload find(Principal principal, String id) {
        return Ids.parse(Ids.UPLOAD, id).flatMap(uuid -> uploads.find(principal.sees(), uuid))
                .orElseThrow(() -> ApiFailure.of(404, new Fault("upload_not_found",
                        "No such Upload object: " + FieldValue.shown(id), List.of("path", "upload_id"))));
    }
}
