package dev.luthier.server.api.mistral;

import dev.luthier.core.data.DataFormat;
import dev.luthier.server.api.Dialect;
import dev.luthier.server.api.FileContent;
import dev.luthier.server.api.Ids;
import dev.luthier.server.api.Query;
import dev.luthier.server.api.ReceivedPart;
import dev.luthier.server.api.RequiresScope;
import dev.luthier.server.api.UploadForm;
import dev.luthier.server.api.mistral.FileJson.DeletedFile;
import dev.luthier.server.api.mistral.FileJson.FileList;
import dev.luthier.server.api.mistral.FileJson.FileUrl;
import dev.luthier.server.config.KnownSettings;
import dev.luthier.server.config.Settings;
import dev.luthier.server.file.FileFilter;
import dev.luthier.server.file.FilePurpose;
import dev.luthier.server.file.FileService;
import dev.luthier.server.file.StoredFile;
import dev.luthier.server.key.Principal;
import dev.luthier.server.key.Scope;
import dev.luthier.server.store.Page;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.core.io.Resource;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Files of samples: upload, list, look up, delete, content, link. */
@RestController
@RequestMapping("/mistral/v1/files")
public final class FilesController {
    private static final long MAX_LIFETIME_HOURS = 24L * 3650;
    private static final int MAX_NAME = 255;
    private static final String FINE_TUNE = FilePurpose.FINE_TUNE.publicName();
    private static final Map<String, String> PURPOSES = same(FINE_TUNE, "batch", "ocr");
    private static final Map<String, String> VISIBILITIES = same("workspace", "user");
    private static final Map<String, String> SOURCES = same("upload", "repository", "mistral");
    private static final Map<String, Set<DataFormat>> SAMPLE_TYPES = Map.of("instruct",
            EnumSet.complementOf(EnumSet.of(DataFormat.PRETRAIN)),
            "pretrain", Set.of(DataFormat.PRETRAIN), "batch_request", Set.of(), "batch_result", Set.of(),
            "batch_error", Set.of());

    private final FileService files;
    private final FileContent contents;
    private final Settings settings;

    public FilesController(FileService files, FileContent contents, Settings settings) {
        this.files = files;
        this.contents = contents;
        this.settings = settings;
    }

    private static Map<String, String> same(String... names) {
        return List.of(names).stream().collect(Collectors.toMap(name -> name, name -> name));
    }

    @PostMapping
    @RequiresScope(Scope.WRITE)
    FileJson upload(Principal principal, Dialect dialect, Query query, HttpServletRequest request)
            throws IOException {
        query.finish();
        UploadForm form = UploadForm.receive(request, KnownSettings.FILES_MAX_BYTES, settings);
        ReceivedPart part = form.file("file");
        String filename = part == null ? "" : Objects.requireNonNull(part.filename());
        if (filename.length() > MAX_NAME) {
            form.fault("invalid_value", "file", "The file name must have at most " + MAX_NAME + " characters.");
        }
        String purpose = form.choice("purpose", PURPOSES);
        if (purpose != null && !purpose.equals(FINE_TUNE)) {
            form.fault("not_built", "purpose",
                    "purpose \"" + purpose + "\" is not built yet. Files are for fine-tuning: use " + FINE_TUNE + ".");
        }
        if ("user".equals(form.choice("visibility", VISIBILITIES))) {
            form.fault("not_built", "visibility", "visibility \"user\" is not built yet. Every key that"
                    + " sees the project sees its files: use workspace.");
        }
        Long hours = form.integer("expiry", 1, MAX_LIFETIME_HOURS);
        form.finish();
        ReceivedPart file = Objects.requireNonNull(part);
        FileService.Upload upload = new FileService.Upload(filename, file.contentType(),
                hours == null ? null : Duration.ofHours(hours));
        return FileJson.of(files.add(principal, upload, file.file()), dialect, null);
    }

    @GetMapping
    @RequiresScope(Scope.READ)
    FileList list(Principal principal, Dialect dialect, Query query) {
        Page page = query.page();
        boolean includeTotal = query.bool("include_total", true);
        String search = query.text("search");
        String purpose = query.choice("purpose", PURPOSES);
        List<Set<DataFormat>> types = query.choices("sample_type", SAMPLE_TYPES);
        List<String> sources = query.choices("source", SOURCES);
        List<String> mimetypes = query.texts("mimetypes");
        query.finish();
        Set<DataFormat> formats = EnumSet.noneOf(DataFormat.class);
        boolean none = (purpose != null && !purpose.equals(FINE_TUNE))
                || (!sources.isEmpty() && !sources.contains("upload"));
        if (!none) {
            formats.addAll(types.isEmpty()
                    ? EnumSet.allOf(DataFormat.class)
                    : types.stream().flatMap(Set::stream).toList());
        }
        FileService.Listing found = files.list(principal.sees(), new FileFilter(search, formats, mimetypes),
                page);
        List<FileJson> data = found.files().stream().map(file -> FileJson.of(file, dialect, null)).toList();
        boolean openAi = dialect == Dialect.EITHER;
        return new FileList(data, "list", includeTotal ? found.total() : null,
                openAi ? page.offset() + data.size() < found.total() : null,
                openAi ? data.isEmpty() ? "" : data.getFirst().id() : null,
                openAi ? data.isEmpty() ? "" : data.getLast().id() : null);
    }

    @GetMapping("/{id}")
    @RequiresScope(Scope.READ)
    FileJson get(Principal principal, Dialect dialect, Query query, @PathVariable("id") String id) {
        query.finish();
        return FileJson.of(find(principal, id), dialect, false);
    }

    @DeleteMapping("/{id}")
    @RequiresScope(Scope.WRITE)
    DeletedFile delete(Principal principal, Query query, @PathVariable("id") String id) {
        query.finish();
        StoredFile file = find(principal, id);
        files.delete(principal.sees(), file.id());
        return new DeletedFile(file.id().toString(), "file", true);
    }

    @GetMapping("/{id}/content")
    @RequiresScope(Scope.READ)
    ResponseEntity<Resource> content(Principal principal, Query query, @PathVariable("id") String id) {
        query.finish();
        return contents.of(find(principal, id));
    }

    /** {@code expiry} in hours. */
    @GetMapping("/{id}/url")
    @RequiresScope(Scope.READ)
    FileUrl url(Principal principal, Query query, @PathVariable("id") String id, HttpServletRequest request) {
        int hours = query.integer("expiry", 1, (int) MAX_LIFETIME_HOURS, 24);
        query.finish();
        return new FileUrl(contents.link(find(principal, id), hours, request));
    }

    /* Mistral's schema has no words for result files, so its routes do not know them. */
    private StoredFile find(Principal principal, String id) {
        return Ids.parse(Ids.FILE, id).flatMap(uuid -> files.find(principal.sees(), uuid))
                .filter(file -> file.purpose() == FilePurpose.FINE_TUNE)
                .orElseThrow(() -> FileService.notFound(id));
    }
}
