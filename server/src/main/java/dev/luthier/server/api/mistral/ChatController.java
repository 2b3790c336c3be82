package dev.luthier.server.api.mistral;

import dev.luthier.core.problem.ProblemException;
import dev.luthier.server.api.Fields;
import dev.luthier.server.api.Query;
import dev.luthier.server.api.WireJson;
import dev.luthier.server.api.mistral.ChatJson.AssistantMessage;
import dev.luthier.server.api.mistral.ChatJson.Choice;
import dev.luthier.server.api.mistral.ChatJson.Completion;
import dev.luthier.server.api.mistral.ChatJson.Usage;
import dev.luthier.server.api.mistral.ChatRequestReader.ChatRequest;
import dev.luthier.server.key.Principal;
import dev.luthier.server.serve.AnswerStream;
import dev.luthier.server.serve.ChatPrompt;
import dev.luthier.server.serve.ChatService;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** Chat completions, whole or streamed. The log has models and token counts, never content. */
@RestController
public final class ChatController {
    private static final Logger LOG = LoggerFactory.getLogger(ChatController.class);

    private final ChatService chat;
    private final Clock clock;

    public ChatController(ChatService chat, Clock clock) {
        this.chat = chat;
        this.clock = clock;
    }

    @PostMapping("/mistral/v1/chat/completions")
    void complete(Principal principal, Fields body, Query query, HttpServletResponse response) throws IOException {
        query.finish();
        ChatRequest request = ChatRequestReader.read(body);
        long startMillis = clock.millis();
        ChatPrompt prompt = chat.prompt(principal.organization(), request.turn());
        String id = "cmpl-" + UUID.randomUUID().toString().replace("-", "");
        Usage usage = request.stream()
                ? new ChatStream(chat, prompt, id, startMillis / 1000).writeTo(response)
                : writeWhole(prompt, id, startMillis / 1000, response);
        LOG.info("{}: {} answered, {} + {} tokens, {} ms", principal.organization(), request.turn().model(),
                usage.promptTokens(), usage.completionTokens(), clock.millis() - startMillis);
    }

    private Usage writeWhole(ChatPrompt prompt, String id, long createdSeconds, HttpServletResponse response)
            throws IOException {
        Completion completion;
        try {
            completion = whole(prompt, id, createdSeconds);
        } catch (ProblemException e) {
            if (!e.problem().code().equals("worker_gone")) {
                throw e;
            }
            completion = whole(prompt, id, createdSeconds); // nothing was sent yet, so nobody notices
        }
        response.setContentType("application/json");
        response.getOutputStream().write(WireJson.MAPPER.writeValueAsBytes(completion));
        return completion.usage();
    }

    private Completion whole(ChatPrompt prompt, String id, long createdSeconds) {
        List<Choice> choices = new ArrayList<>();
        int generated = 0;
        try (Answers answers = Answers.start(chat, prompt)) {
            for (AnswerStream answer : answers.streams()) {
                String text = answer.readRest();
                boolean calls = !answer.calls().isEmpty();
                choices.add(new Choice(choices.size(),
                        new AssistantMessage("assistant", calls && text.isEmpty() ? null : text,
                                calls ? ChatJson.calls(answer.calls()) : null, false),
                        calls ? "tool_calls" : ChatJson.finishReason(answer.end(), false)));
                generated += answer.generatedTokens();
            }
        }
        return new Completion(id, "chat.completion", createdSeconds, prompt.turn().model(), choices,
                Usage.of(prompt.tokens().length, generated));
    }
}
