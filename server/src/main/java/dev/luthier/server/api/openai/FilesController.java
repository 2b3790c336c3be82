package dev.luthier.server.api.openai;

import dev.luthier.server.api.ApiFailure;
import dev.luthier.server.api.ClientIntegers;
import dev.luthier.server.api.Cursor;
import dev.luthier.server.api.Fault;
import dev.luthier.server.api.FieldValue;
import dev.luthier.server.api.Fields;
import dev.luthier.server.api.FileContent;
import dev.luthier.server.api.Ids;
import dev.luthier.server.api.Query;
import dev.luthier.server.api.ReceivedPart;
import dev.luthier.server.api.RequiresScope;
import dev.luthier.server.api.UploadForm;
import dev.luthier.server.api.openai.FileJson.DeletedFile;
import dev.luthier.server.config.KnownSettings;
import dev.luthier.server.config.Settings;
import dev.luthier.server.file.FilePurpose;
import dev.luthier.server.file.FileService;
import dev.luthier.server.file.FileService.Direction;
import dev.luthier.server.file.InvalidFile;
import dev.luthier.server.file.StoredFile;
import dev.luthier.server.key.Principal;
import dev.luthier.server.key.Scope;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.springframework.core.io.Resource;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Files, those that the server writes included: upload, list, look up, delete, content. */
@RestController
@RequestMapping("/openai/v1/files")
public final class FilesController {
    private static final int MAX_LIMIT = 10_000;
    private static final Map<String, Direction> ORDERS = Map.of("asc", Direction.OLDEST_FIRST, "desc",
            Direction.NEWEST_FIRST);

    private final FileService files;
    private final FileContent contents;
    private final Settings settings;

    public FilesController(FileService files, FileContent contents, Settings settings) {
        this.files = files;
        this.contents = contents;
        this.settings = settings;
    }

    @PostMapping
    @RequiresScope(Scope.WRITE)
    FileJson upload(Principal principal, ClientIntegers integers, Query query, HttpServletRequest request)
            throws IOException {
        query.finish();
        UploadForm form = UploadForm.receive(request, KnownSettings.FILES_MAX_BYTES, settings);
        ReceivedPart part = form.file("file");
        String filename = part == null ? "" : Objects.requireNonNull(part.filename());
        if (filename.length() > FileRequests.MAX_NAME) {
            form.fault("invalid_value", "file",
                    "The file name must have at most " + FileRequests.MAX_NAME + " characters.");
        }
        String purpose = form.text("purpose");
        if (purpose == null) {
            form.fault("missing_field", "purpose", "purpose is missing. Send "
                    + FilePurpose.FINE_TUNE.publicName() + " as a part named purpose.");
        } else if (form.choice("purpose", FileRequests.PURPOSES) != null && !FileRequests.isBuilt(purpose)) {
            form.fault("not_built", "purpose", FileRequests.notBuilt(purpose));
        }
        Fields expiresAfter = form.object("expires_after");
        Duration lifetime = expiresAfter == null ? null : FileRequests.lifetime(expiresAfter);
        form.finish();
        ReceivedPart file = Objects.requireNonNull(part);
        try {
            return FileJson.of(files.add(principal, new FileService.Upload(filename, file.contentType(), lifetime),
                    file.file()), integers);
        } catch (InvalidFile e) {
            throw FileFaults.failure(e);
        }
    }

    @GetMapping
    @RequiresScope(Scope.READ)
    CursorList<FileJson> list(Principal principal, ClientIntegers integers, Query query) {
        Cursor cursor = query.cursor(MAX_LIMIT, MAX_LIMIT);
        Set<FilePurpose> purposes = query.choice("purpose", FileRequests.LISTED);
        Direction direction = query.choice("order", ORDERS);
        query.finish();
        Optional<List<StoredFile>> found = Optional.empty();
        UUID after = cursor.after() == null ? null : Ids.parse(Ids.FILE, cursor.after()).orElse(null);
        if (cursor.after() == null || after != null) {
            found = files.page(principal.sees(), purposes == null ? Set.of(FilePurpose.values()) : purposes,
                    direction == null ? Direction.NEWEST_FIRST : direction, after, cursor.limit() + 1);
        }
        List<FileJson> page = found
                .orElseThrow(() -> ApiFailure.invalid(List.of(new Fault("unknown_cursor",
                        "There is no file " + FieldValue.shown(Objects.requireNonNull(cursor.after()))
                                + " to go on after. Give the id of the last item of the page before.",
                        List.of("query", "after")))))
                .stream().map(file -> FileJson.of(file, integers)).toList();
        return CursorList.of(page, cursor.limit(), FileJson::id);
    }

    @GetMapping("/{id}")
    @RequiresScope(Scope.READ)
    FileJson get(Principal principal, ClientIntegers integers, Query query, @PathVariable("id") String id) {
        query.finish();
        return FileJson.of(find(principal, id), integers);
    }

    @DeleteMapping("/{id}")
    @RequiresScope(Scope.WRITE)
    DeletedFile delete(Principal principal, Query query, @PathVariable("id") String id) {
        query.finish();
        StoredFile file = find(principal, id);
        files.delete(principal.sees(), file.id());
        return new DeletedFile(FileJson.publicId(file), "file", true);
    }

    @GetMapping("/{id}/content")
    @RequiresScope(Scope.READ)
    ResponseEntity<Resource> content(Principal principal, Query query, @PathVariable("id") String id) {
        query.finish();
        return contents.of(find(principal, id));
    }

    private StoredFile find(Principal principal, String id) {
        return Ids.parse(Ids.FILE, id).flatMap(uuid -> files.find(principal.sees(), uuid))
                .orElseThrow(() -> ApiFailure.of(404,
                        new Fault("file_not_found", "No such File object: " + FieldValue.shown(id),
                                List.of("path", "id"))));
    }
}
