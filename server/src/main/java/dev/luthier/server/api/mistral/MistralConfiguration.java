package dev.luthier.server.api.mistral;

import dev.luthier.server.api.JobReferences;
import dev.luthier.server.api.TrainingReader;
import dev.luthier.server.config.KnownSettings;
import dev.luthier.server.config.Settings;
import dev.luthier.server.key.SecretBox;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** Mistral's job and model routes. */
@Configuration(proxyBeanMethods = false)
@Import({JobsController.class, ModelsController.class, FineTunedModelsController.class})
public class MistralConfiguration {

    @Bean
    JobMapper jobMapper(Settings settings) {
        return new JobMapper(settings.get(KnownSettings.MISTRAL_PRECISE_STATUS),
                settings.get(KnownSettings.WANDB_PROJECT));
    }

    @Bean
    JobRequestReader jobRequestReader(JobReferences references, TrainingReader training, SecretBox secrets,
            Settings settings) {
        return new JobRequestReader(references, training, secrets, settings.get(KnownSettings.RUNS_SEED));
    }
}
