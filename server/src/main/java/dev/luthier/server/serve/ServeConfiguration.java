package dev.luthier.server.serve;

import dev.luthier.core.plan.TrainingThreads;
import dev.luthier.server.config.DataDirectory;
import dev.luthier.server.config.KnownSettings;
import dev.luthier.server.config.Settings;
import dev.luthier.server.launch.EngineCommand;
import dev.luthier.server.model.BaseModel;
import dev.luthier.server.model.FineTunedModel;
import dev.luthier.server.model.ModelRegistry;
import dev.luthier.server.model.ModelUse;
import dev.luthier.server.model.RemovalListener;
import java.net.http.HttpClient;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The worker pool and what answers conversations with it. */
@Configuration(proxyBeanMethods = false)
public class ServeConfiguration {

    @Bean
    WorkerPool workerPool(Settings settings, EngineCommand command, DataDirectory directory, Clock clock) {
        ServeLimits limits = new ServeLimits(settings.get(KnownSettings.SERVE_MEMORY),
                settings.get(KnownSettings.SERVE_CACHE),
                Duration.ofSeconds(settings.get(KnownSettings.SERVE_IDLE_SECONDS)),
                Duration.ofSeconds(settings.get(KnownSettings.SERVE_LOAD_WAIT_SECONDS)),
                settings.get(KnownSettings.SERVE_ADAPTERS),
                TrainingThreads.atMost(settings.get(KnownSettings.SERVE_THREADS)),
                settings.get(KnownSettings.SERVE_TYPE));
        HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(5)).build();
        return new WorkerPool(new WorkerLauncher(command,
                directory.logs(), directory.temporary(), directory.adapters(), limits,
                settings.get(KnownSettings.ENGINE_DEVICE), http),
                limits, clock);
    }

    @Bean
    ServedModels servedModels(Settings settings) {
        return new ServedModels(Duration.ofSeconds(settings.get(KnownSettings.SERVE_PROMPT_SECONDS)));
    }

    @Bean
    ModelFinder modelFinder(ModelRegistry registry, ServedModels models) {
        return new ModelFinder(registry, models);
    }

    @Bean
    ChatService chatService(ModelFinder models) {
        return new ChatService(models);
    }

    @Bean
    CompletionService completionService(ModelFinder models, Generator generator) {
        return new CompletionService(models, generator);
    }

    @Bean
    ClassificationService classificationService(ModelFinder models, WorkerPool workers) {
        return new ClassificationService(models, workers);
    }

    @Bean
    Generator generator(WorkerPool workers) {
        return new Generator(workers);
    }

    /** A removed adapter leaves the workers' memory; the worker of a removed base model ends. */
    @Bean
    RemovalListener workerRemoval(WorkerPool workers) {
        return model -> {
            switch (model) {
                case FineTunedModel tuned -> workers.forget(tuned.uuid().toString());
                case BaseModel base -> workers.end(base.directory());
            }
        };
    }

    @Bean
    ModelUse workerUse(WorkerPool workers) {
        return model -> model instanceof BaseModel base && workers.isAnswering(base.directory())
                ? Optional.of("answers that are being written")
                : Optional.empty();
    }

    @Bean
    IdleWatch idleWatch(WorkerPool pool, ServedModels models, Settings settings) {
        Duration idle = Duration.ofSeconds(settings.get(KnownSettings.SERVE_IDLE_SECONDS));
        return new IdleWatch(() -> {
            pool.stopIdle();
            models.stopIdle(idle);
        });
    }
}
