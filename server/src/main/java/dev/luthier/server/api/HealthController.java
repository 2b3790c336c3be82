package dev.luthier.server.api;

import dev.luthier.server.config.DataDirectory;
import dev.luthier.server.job.Reconciler;
import dev.luthier.server.key.Scope;
import dev.luthier.server.store.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Open to everyone. {@code /health} says that the process answers and its database does; {@code /health/ready} that
 * requests and jobs can be served now, with a word on each thing that they need.
 */
@RestController
public final class HealthController {
    private static final String OK = "ok";
    private static final long LEAST_BYTES = 1 << 20;

    private final Database database;
    private final DataDirectory directory;
    private final Reconciler reconciler;

    public HealthController(Database database, DataDirectory directory, Reconciler reconciler) {
        this.database = database;
        this.directory = directory;
        this.reconciler = reconciler;
    }

    /** @param checks what is needed, each {@code ok} or what is wrong with it */
    record ReadyJson(String status, Map<String, String> checks) {}

    @GetMapping("/health")
    @RequiresScope(Scope.NONE)
    Map<String, String> health() {
        askDatabase();
        return Map.of("status", OK);
    }

    @GetMapping("/health/ready")
    @RequiresScope(Scope.NONE)
    ResponseEntity<ReadyJson> ready() {
        Map<String, String> checks = new LinkedHashMap<>();
        checks.put("database", database().orElse(OK));
        checks.put("data_directory", storage().orElse(OK));
        checks.put("jobs", reconciler.isRunning() ? OK : "they are not looked after: the server starts or stops");
        boolean ready = checks.values().stream().allMatch(OK::equals);
        return ResponseEntity.status(ready ? 200 : 503).body(new ReadyJson(ready ? "ready" : "not ready", checks));
    }

    private void askDatabase() {
        database.reader().sql("select 1").query(Integer.class).single();
    }

    private Optional<String> database() {
        try {
            askDatabase();
            return Optional.empty();
        } catch (RuntimeException e) {
            return Optional.of("does not answer");
        }
    }

    /** The disk may be full, or mounted read-only since. */
    private Optional<String> storage() {
        Path path = directory.temporary();
        try {
            if (!Files.isWritable(path)) {
                return Optional.of("cannot be written");
            }
            return Files.getFileStore(path).getUsableSpace() < LEAST_BYTES
                    ? Optional.of("has no space left")
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.of("cannot be read");
        }
    }
}
