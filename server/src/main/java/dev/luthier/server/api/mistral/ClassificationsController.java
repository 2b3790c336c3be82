package dev.luthier.server.api.mistral;

import dev.luthier.server.api.Fields;
import dev.luthier.server.api.Query;
import dev.luthier.server.api.RequiresScope;
import dev.luthier.server.api.chat.AnswerMemory;
import dev.luthier.server.api.chat.AnswerOutput;
import dev.luthier.server.key.Principal;
import dev.luthier.server.key.Scope;
import dev.luthier.server.serve.ClassificationService;
import dev.luthier.server.serve.ClassifierInputs;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Clock;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** Classifies texts and conversations. The log has models and token counts, never content. */
@RestController
public final class ClassificationsController {
    private static final Logger LOG = LoggerFactory.getLogger(ClassificationsController.class);

    private final ClassificationService classifications;
    private final AnswerMemory memory;
    private final Clock clock;

    public ClassificationsController(ClassificationService classifications, AnswerMemory memory, Clock clock) {
        this.classifications = classifications;
        this.memory = memory;
        this.clock = clock;
    }

    @PostMapping("/mistral/v1/classifications")
    @RequiresScope(Scope.INFERENCE)
    void texts(Principal caller, Fields body, Query query, HttpServletResponse response) throws IOException {
        query.finish();
        classify(caller, ClassificationReader.texts(body), response);
    }

    @PostMapping("/mistral/v1/chat/classifications")
    @RequiresScope(Scope.INFERENCE)
    void conversations(Principal caller, Fields body, Query query, HttpServletResponse response) throws IOException {
        query.finish();
        classify(caller, ClassificationReader.conversations(body), response);
    }

    private void classify(Principal caller, ClassificationReader.Request request, HttpServletResponse response)
            throws IOException {
        long startMillis = clock.millis();
        ClassifierInputs inputs = classifications.encode(caller, request.model(), request.inputs());
        try (AnswerMemory.Share _ = memory.admit(inputs)) {
            String id = UUID.randomUUID().toString().replace("-", "");
            AnswerOutput.json(response)
                    .value(ClassificationJson.of(id, request.model(), classifications.scores(inputs)));
        }
        LOG.info("{}: {} classified {} inputs, {} tokens, {} ms", caller.organization(), request.model(),
                inputs.tokens().size(), inputs.tokenCount(), clock.millis() - startMillis);
    }
}
