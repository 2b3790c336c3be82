package dev.luthier.server.api;

import dev.luthier.server.key.Scope;
import dev.luthier.server.store.Database;
import java.util.Map;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Says that the server answers and its database does; open to everyone. */
@RestController
public final class HealthController {
    private final Database database;

    public HealthController(Database database) {
        this.database = database;
    }

    @GetMapping("/health")
    @RequiresScope(Scope.NONE)
    Map<String, String> health() {
        database.reader().sql("select 1").query(Integer.class).single();
        return Map.of("status", "ok");
    }
}
