package dev.luthier.server.api;

import dev.luthier.server.key.Principal;
import dev.luthier.server.key.Scope;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** The figures of the whole server for Prometheus; it needs an administrator's key, as they tell of every tenant. */
@RestController
public final class MetricsController {
    private final PrometheusMeterRegistry registry;

    public MetricsController(PrometheusMeterRegistry registry) {
        this.registry = registry;
    }

    @GetMapping("/metrics")
    @RequiresScope(Scope.METRICS)
    ResponseEntity<String> metrics(Principal principal) {
        return ResponseEntity.ok().header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
                .body(registry.scrape());
    }
}
