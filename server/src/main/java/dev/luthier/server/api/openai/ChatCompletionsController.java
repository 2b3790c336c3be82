package dev.luthier.server.api.openai;

import dev.luthier.server.api.Fields;
import dev.luthier.server.api.Ids;
import dev.luthier.server.api.Query;
import dev.luthier.server.api.RequiresScope;
import dev.luthier.server.api.chat.Answering;
import dev.luthier.server.api.openai.ChatCompletionReader.ChatCompletionRequest;
import dev.luthier.server.key.Principal;
import dev.luthier.server.key.Scope;
import dev.luthier.server.serve.ChatService;
import dev.luthier.server.serve.Prompt;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Clock;
import java.util.List;
import java.util.UUID;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** Chat completions, whole or streamed. */
@RestController
public final class ChatCompletionsController {
    private final ChatService chat;
    private final Answering answering;
    private final Clock clock;

    public ChatCompletionsController(ChatService chat, Answering answering, Clock clock) {
        this.chat = chat;
        this.answering = answering;
        this.clock = clock;
    }

    @PostMapping("/openai/v1/chat/completions")
    @RequiresScope(Scope.INFERENCE)
    void complete(Principal principal, Fields body, Query query, HttpServletResponse response) {
        query.finish();
        ChatCompletionRequest request = ChatCompletionReader.read(body);
        Prompt prompt = MissingModel.orFound(request.turn().model(),
                () -> chat.prompt(principal, request.turn()));
        ChatCompletionAnswer answer = new ChatCompletionAnswer(request, prompt,
                Ids.openAi("chatcmpl-", UUID.randomUUID()), clock.millis() / 1000);
        int each = prompt.options().choices();
        if (request.streaming().stream()) {
            answering.stream(principal, List.of(prompt), each, response, answer::stream);
        } else {
            answering.whole(principal, List.of(prompt), each, response, answer::whole);
        }
    }
}
