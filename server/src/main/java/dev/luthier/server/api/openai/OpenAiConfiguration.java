package dev.luthier.server.api.openai;

import dev.luthier.server.api.JobReferences;
import dev.luthier.server.api.TrainingReader;
import dev.luthier.server.config.KnownSettings;
import dev.luthier.server.config.Settings;
import java.security.SecureRandom;
import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** OpenAI's routes. */
@Configuration(proxyBeanMethods = false)
@Import({JobsController.class, EventsController.class, CheckpointsController.class, ModelsController.class,
        PermissionsController.class, ChatCompletionsController.class, CompletionsController.class,
        FilesController.class, UploadsController.class})
public class OpenAiConfiguration {

    @Bean
    JobMapper openAiJobMapper(Settings settings, Clock clock) {
        return new JobMapper(settings.get(KnownSettings.OPENAI_PAUSED_STATUS),
                settings.get(KnownSettings.WANDB_PROJECT), clock);
    }

    @Bean
    JobRequestReader openAiJobRequestReader(JobReferences references, TrainingReader training) {
        SecureRandom random = new SecureRandom();
        return new JobRequestReader(references, training, () -> random.nextInt(Integer.MAX_VALUE));
    }
}
