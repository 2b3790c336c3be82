package dev.luthier.server.api;

import dev.luthier.core.problem.Problem;
import dev.luthier.server.config.KnownSettings;
import dev.luthier.server.config.Settings;
import dev.luthier.server.file.FileService;
import dev.luthier.server.file.StoredFile;
import dev.luthier.server.key.Scope;
import dev.luthier.server.key.Tenant;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.UUID;
import org.springframework.core.io.FileSystemResource;
import org.springframework.core.io.Resource;
import org.springframework.http.ContentDisposition;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** The bytes of files: for whoever has a key, and through signed links for whoever has the link. */
@RestController
public final class FileContent {
    private final FileService files;
    private final SignedLinks links;
    private final Clock clock;
    private final Optional<URI> publicUrl;

    public FileContent(FileService files, SignedLinks links, Clock clock, Settings settings) {
        this.files = files;
        this.links = links;
        this.clock = clock;
        this.publicUrl = settings.get(KnownSettings.PUBLIC_URL);
    }

    /** Answers with the bytes as {@code application/octet-stream}, which is the one type that the SDKs take. */
    public ResponseEntity<Resource> of(StoredFile file) {
        Path path = files.path(file.id());
        if (!Files.isReadable(path)) {
            throw Problem.internal("file_damaged", "The stored bytes of the file " + file.id()
                    + " are missing. Restore files/" + file.id() + " from a backup, or upload the file again.")
                    .asException();
        }
        ContentDisposition name = ContentDisposition.attachment()
                .filename(file.filename(), StandardCharsets.UTF_8).build();
        return ResponseEntity.ok().contentType(MediaType.APPLICATION_OCTET_STREAM)
                .header("Content-Disposition", name.toString()).header("X-Content-Type-Options", "nosniff")
                .body(new FileSystemResource(path) {
                    @Override
                    public InputStream getInputStream() throws IOException {
                        return files.open(file);
                    }

                    @Override
                    public long contentLength() {
                        return file.sizeBytes(); // a client that gets less notices
                    }
                });
    }

    /** An address that gives the bytes without a key for so many hours. */
    public String link(StoredFile file, int hours, HttpServletRequest request) {
        long expires = clock.millis() / 1000 + hours * 3600L;
        String base = publicUrl.map(URI::toString).orElseGet(() -> ownAddress(request));
        return base + "/luthier/v1/signed/files/" + file.organization() + "/" + file.id() + "?expires=" + expires
                + "&signature=" + links.sign(subject(file.organization(), file.id()), expires);
    }

    /* Where the connection arrived. The Host header is what the client says, and would send the next one anywhere. */
    private static String ownAddress(HttpServletRequest request) {
        String host = request.getLocalAddr();
        return "http://" + (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + request.getLocalPort();
    }

    @GetMapping("/luthier/v1/signed/files/{organization}/{id}")
    @RequiresScope(Scope.NONE)
    ResponseEntity<Resource> signed(Query query, @PathVariable("organization") String organization,
            @PathVariable("id") String id) {
        long expires = query.whole("expires", 0, Long.MAX_VALUE, 0);
        String signature = query.text("signature");
        query.finish();
        UUID uuid = Ids.parse(Ids.FILE, id).orElseThrow(() -> FileService.notFound(id));
        links.check(subject(organization, uuid), expires, signature == null ? "" : signature, clock.millis() / 1000);
        return of(files.find(Tenant.ofOrganization(organization), uuid).orElseThrow(() -> FileService.notFound(id)));
    }

    private static String subject(String organization, UUID id) {
        return "file " + organization + " " + id;
    }
}
