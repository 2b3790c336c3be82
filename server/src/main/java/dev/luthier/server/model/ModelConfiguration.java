package dev.luthier.server.model;

import dev.luthier.server.config.DataDirectory;
import dev.luthier.server.config.KnownSettings;
import dev.luthier.server.config.ServerEnvironment;
import dev.luthier.server.config.Settings;
import dev.luthier.server.store.Database;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The beans of this package. */
@Configuration(proxyBeanMethods = false)
public class ModelConfiguration {

    @Bean
    BaseModels baseModels(Settings settings, ServerEnvironment environment, DataDirectory directory, Clock clock) {
        List<Path> folders = new ArrayList<>(List.of(directory.models()));
        settings.get(KnownSettings.MODELS_BUNDLED)
                .or(() -> Optional.ofNullable(environment.variables().get("LUTHIER_BUNDLED_MODELS")).map(Path::of))
                .ifPresent(folders::add);
        Map<String, String> aliases = settings.get(KnownSettings.MODELS_ALIASES).entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, alias -> alias.getValue().model()));
        return new BaseModels(folders, aliases, clock);
    }

    @Bean
    FineTunedModels fineTunedModels(Database database, DataDirectory directory) {
        return new FineTunedModels(database, directory.adapters());
    }

    @Bean
    ModelPermissions modelPermissions(Database database, Clock clock) {
        return new ModelPermissions(database, clock);
    }

    @Bean
    ModelRegistry modelRegistry(BaseModels bases, FineTunedModels fineTuned, ModelPermissions permissions,
            Settings settings) {
        return new Models(bases, fineTuned, permissions, settings.get(KnownSettings.MODELS_PER_PROJECT));
    }

    @Bean
    AdapterShelf adapterShelf(DataDirectory directory) {
        return new AdapterShelf(directory.adapters());
    }

    @Bean
    ModelService modelService(ModelRegistry registry, FineTunedModels fineTuned, AdapterShelf shelf, BaseModels bases,
            DataDirectory directory, Clock clock, ObjectProvider<ModelUse> uses,
            ObjectProvider<RemovalListener> listeners) {
        return new ModelService(registry, fineTuned, shelf, bases,
                new BaseModelFolder(directory.models(), directory.temporary()), clock, uses::stream,
                listeners::stream);
    }
}
