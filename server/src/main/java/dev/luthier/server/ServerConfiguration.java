package dev.luthier.server;

import dev.luthier.server.api.mistral.MistralConfiguration;
import dev.luthier.server.api.openai.OpenAiConfiguration;
import dev.luthier.server.config.DataDirectory;
import dev.luthier.server.config.KnownSettings;
import dev.luthier.server.config.ServerEnvironment;
import dev.luthier.server.config.Settings;
import dev.luthier.server.file.FileConfiguration;
import dev.luthier.server.job.JobConfiguration;
import dev.luthier.server.key.Isolation;
import dev.luthier.server.key.KeyStore;
import dev.luthier.server.key.MasterKey;
import dev.luthier.server.key.SecretBox;
import dev.luthier.server.launch.LaunchConfiguration;
import dev.luthier.server.model.ModelConfiguration;
import dev.luthier.server.serve.ServeConfiguration;
import dev.luthier.server.store.Database;
import dev.luthier.server.store.StorageHealth;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Clock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.event.ContextClosedEvent;

/** The beans that everything stands on. Each feature adds its own configuration to the list. */
@Configuration(proxyBeanMethods = false)
@Import({WebConfiguration.class, LaunchConfiguration.class, ModelConfiguration.class, JobConfiguration.class,
        MistralConfiguration.class, OpenAiConfiguration.class, FileConfiguration.class, ServeConfiguration.class})
class ServerConfiguration {
    private static final Logger LOG = LoggerFactory.getLogger(ServerConfiguration.class);

    @Bean
    Clock clock() {
        return Clock.systemUTC();
    }

    @Bean
    Database database(DataDirectory directory) {
        if (directory.lacksLatestWrites()) {
            LOG.warn("The last server was killed, and {}/luthier.db-wal, which had what it wrote last, is missing."
                    + " If it was moved away, stop the server and put it back.", directory.db());
        }
        Database database = Database.open(directory.db());
        directory.makeDatabasePrivate();
        return database;
    }

    @Bean
    StorageHealth storageHealth(DataDirectory directory, Clock clock) {
        return new StorageHealth(directory.path(), directory.temporary(), clock);
    }

    @Bean
    Isolation isolation(Database database, Settings settings) {
        return Isolation.of(settings.get(KnownSettings.PROJECTS_ISOLATED), database);
    }

    @Bean
    KeyStore keyStore(Database database, Clock clock, Isolation isolation) {
        return new KeyStore(database, clock, isolation.projects());
    }

    @Bean
    MasterKey masterKey(ServerEnvironment environment, DataDirectory directory) {
        return MasterKey.load(environment.variables(), directory);
    }

    @Bean
    SecretBox secretBox(MasterKey masterKey) {
        return new SecretBox(masterKey);
    }

    @Bean
    PrometheusMeterRegistry meterRegistry() {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        return registry;
    }

    @Bean
    StopLog stopLog() {
        return new StopLog();
    }

    /** Who reads {@code server.json} must not find a server that is gone. */
    @Bean
    ApplicationListener<ContextClosedEvent> serverFileRemoval(DataDirectory directory) {
        return event -> {
            LOG.info("stopping");
            try {
                Files.deleteIfExists(directory.serverFile());
            } catch (IOException e) {
                // A stale file names a pid that no longer runs; readers check that.
            }
        };
    }
}
