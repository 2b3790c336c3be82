package dev.luthier.server.api.openai;

import dev.luthier.server.api.Fields;
import dev.luthier.server.api.Ids;
import dev.luthier.server.api.Query;
import dev.luthier.server.api.RequiresScope;
import dev.luthier.server.api.chat.AnswerMemory;
import dev.luthier.server.api.chat.Answering;
import dev.luthier.server.api.openai.CompletionReader.CompletionRequest;
import dev.luthier.server.key.Principal;
import dev.luthier.server.key.Scope;
import dev.luthier.server.serve.CompletionPrompt;
import dev.luthier.server.serve.CompletionService;
import dev.luthier.server.serve.Prompt;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Clock;
import java.util.List;
import java.util.UUID;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** Completions of plain text, whole or streamed: the way of base models. */
@RestController
public final class CompletionsController {
    private final CompletionService completions;
    private final Answering answering;
    private final AnswerMemory memory;
    private final Clock clock;

    public CompletionsController(CompletionService completions, Answering answering, AnswerMemory memory,
            Clock clock) {
        this.completions = completions;
        this.memory = memory;
        this.answering = answering;
        this.clock = clock;
    }

    @PostMapping("/openai/v1/completions")
    @RequiresScope(Scope.INFERENCE)
    void complete(Principal principal, Fields body, Query query, HttpServletResponse response) {
        query.finish();
        CompletionRequest request = CompletionReader.read(body);
        List<CompletionPrompt> texts = MissingModel.orFound(request.model(), () -> completions
                .prompts(principal, request.model(), request.prompts(), request.options()));
        List<Prompt> prompts = texts.stream().map(CompletionPrompt::prompt).toList();
        boolean scored = request.echo() && request.logprobs();
        // Each of a prompt's answers repeats its scores.
        long scores = scored
                ? prompts.stream().mapToLong(prompt -> prompt.tokens().length).sum() * (1 + request.options().choices())
                : 0;
        try (AnswerMemory.Share _ = memory.admitScores(scores, request.alternatives())) {
            CompletionAnswer answer = new CompletionAnswer(request, texts,
                    scored
                            ? prompts.stream().map(prompt -> completions.scores(prompt, request.alternatives()))
                                    .toList()
                            : List.of(),
                    Ids.openAi("cmpl-", UUID.randomUUID()), clock.millis() / 1000);
            if (request.streaming().stream()) {
                answering.stream(principal, prompts, request.bestOf(), response, answer::stream);
            } else {
                answering.whole(principal, prompts, request.bestOf(), response, answer::whole);
            }
        }
    }
}
