package dev.luthier.conformance.openai;

import static dev.luthier.conformance.openai.Connection.trainingLines;
import static dev.luthier.conformance.openai.Report.require;
import static dev.luthier.conformance.openai.Report.same;

import com.openai.client.OpenAIClient;
import com.openai.core.http.HttpResponse;
import com.openai.errors.NotFoundException;
import com.openai.models.files.FileCreateParams;
import com.openai.models.files.FileListParams;
import com.openai.models.files.FileObject;
import com.openai.models.files.FilePurpose;
import com.openai.models.uploads.Upload;
import com.openai.models.uploads.UploadCompleteParams;
import com.openai.models.uploads.UploadCreateParams;
import com.openai.models.uploads.parts.PartCreateParams;
import com.openai.models.uploads.parts.UploadPart;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;

/** Files, and files made of parts. */
final class FileChecks {
    private static final String LINES = trainingLines(12);

    private final Connection connection;
    private final OpenAIClient client;

    FileChecks(Connection connection) {
        this.connection = connection;
        this.client = connection.client();
    }

    void run(Report report) {
        report.check("POST /files", () -> {
            FileObject file = client.files().create(Connection.file("expiring.jsonl", LINES)
                    .expiresAfter(FileCreateParams.ExpiresAfter.builder().seconds(3600).build()).build());
            same(file.bytes(), (long) LINES.length());
            same(file.expiresAt().orElseThrow(), file.createdAt() + 3600);
            same(file.filename(), "expiring.jsonl");
        });
        report.check("GET /files", () -> {
            FileObject one = connection.upload("one.jsonl", LINES);
            FileObject two = connection.upload("two.jsonl", LINES);
            List<String> ids = client.files()
                    .list(FileListParams.builder().limit(2).order(FileListParams.Order.ASC).build()).autoPager()
                    .stream()
                    .map(FileObject::id).toList();
            same(new HashSet<>(ids).size(), ids.size());
            require(ids.indexOf(one.id()) >= 0 && ids.indexOf(one.id()) < ids.indexOf(two.id()), ids);
            String large = System.getenv("LUTHIER_TEST_LARGE_FILE");
            if (large != null) {
                require(client.files().retrieve(large).bytes() > Integer.MAX_VALUE, large);
                require(ids.contains(large), ids);
            }
        });
        report.check("GET /files/{id}",
                () -> same(client.files().retrieve(connection.upload("one.jsonl", LINES).id()).filename(),
                        "one.jsonl"));
        report.check("GET /files/{id}/content",
                () -> same(content(connection.upload("one.jsonl", LINES).id()), LINES));
        report.check("DELETE /files/{id}", () -> {
            String id = connection.upload("gone.jsonl", LINES).id();
            require(client.files().delete(id).deleted(), id);
            Report.fails(NotFoundException.class, 404, "", () -> client.files().retrieve(id));
        });
        uploads(report);
    }

    private void uploads(Report report) {
        byte[] bytes = LINES.getBytes(StandardCharsets.UTF_8);
        report.check("POST /uploads", () -> {
            Upload upload = begin(bytes.length);
            same(upload.status(), Upload.Status.PENDING);
            report.check("POST /uploads/{id}/parts", () -> {
                UploadPart second = part(upload, Arrays.copyOfRange(bytes, 300, bytes.length));
                UploadPart first = part(upload, Arrays.copyOf(bytes, 300));
                same(first.uploadId(), upload.id());
                report.check("POST /uploads/{id}/complete", () -> {
                    Upload done = client.uploads().complete(upload.id(),
                            UploadCompleteParams.builder().addPartId(first.id()).addPartId(second.id()).build());
                    same(done.status(), Upload.Status.COMPLETED);
                    same(content(done.file().orElseThrow().id()), LINES);
                });
            });
        });
        report.check("POST /uploads/{id}/cancel",
                () -> same(client.uploads().cancel(begin(10).id()).status(), Upload.Status.CANCELLED));
    }

    private Upload begin(long size) {
        return client.uploads().create(UploadCreateParams.builder().filename("parts.jsonl").bytes(size)
                .mimeType("application/jsonl").purpose(FilePurpose.FINE_TUNE).build());
    }

    private UploadPart part(Upload upload, byte[] bytes) {
        return client.uploads().parts().create(upload.id(), PartCreateParams.builder().data(bytes).build());
    }

    private String content(String id) throws IOException {
        try (HttpResponse response = client.files().content(id)) {
            return new String(response.body().readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
