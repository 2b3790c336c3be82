package dev.luthier.server.launch;

import dev.luthier.server.config.KnownSettings;
import dev.luthier.server.config.ServerEnvironment;
import dev.luthier.server.config.Settings;
import java.nio.file.Path;
import java.util.Optional;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The beans of this package. */
@Configuration(proxyBeanMethods = false)
public class LaunchConfiguration {

    @Bean
    EngineCommand engineCommand(Settings settings, ServerEnvironment environment) {
        return new EngineCommand(settings.get(KnownSettings.ENGINE_COMMAND)
                .or(() -> Optional.ofNullable(environment.variables().get("LUTHIER_BIN")).map(Path::of)).orElse(null));
    }

    @Bean
    Launcher launcher(EngineCommand command) {
        return new LocalLauncher(command);
    }
}
