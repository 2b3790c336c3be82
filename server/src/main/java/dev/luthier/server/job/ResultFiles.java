package dev.luthier.server.job;

import dev.luthier.core.run.RunDirectory;
import dev.luthier.server.file.FileService;
import dev.luthier.server.file.StoredFile;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Makes the file of a successful job's metrics one that clients can fetch. */
final class ResultFiles {
    private final FileService files;
    private final Path temporary;
    private final boolean base64;

    /**
     * @param temporary folder on the same file system as the stored files
     * @param base64 whether the content is encoded, as scripts expect that were written for OpenAI's service
     */
    ResultFiles(FileService files, Path temporary, boolean base64) {
        this.files = files;
        this.temporary = temporary;
        this.base64 = base64;
    }

    /** Writes a finished run's file, which clients do not see before {@link #record}. */
    StoredFile make(Job job, RunDirectory run) {
        try {
            Path unfinished = Files.createTempFile(temporary, "metrics", ".csv");
            try {
                write(run, unfinished);
                return files.takeResult(job.organization(), job.project(), MetricsFile.NAME, unfinished);
            } finally {
                Files.deleteIfExists(unfinished);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void write(RunDirectory run, Path target) throws IOException {
        try (OutputStream bytes = Files.newOutputStream(target);
                OutputStream encoded = base64 ? Base64.getEncoder().wrap(bytes) : bytes;
                Writer text = new OutputStreamWriter(encoded, StandardCharsets.UTF_8)) {
            MetricsFile.write(run, text);
        }
    }

    /** Makes the file one that clients see, inside the write transaction that ends the job. */
    void record(JdbcClient client, StoredFile file) {
        files.record(client, file);
    }

    /** Throws a file away that was not recorded. */
    void discard(StoredFile file) {
        try {
            Files.deleteIfExists(files.path(file.id()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
