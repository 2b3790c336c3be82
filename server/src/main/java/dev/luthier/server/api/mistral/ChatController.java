package dev.luthier.server.api.mistral;

import dev.luthier.server.api.Dialect;
import dev.luthier.server.api.Fields;
import dev.luthier.server.api.Query;
import dev.luthier.server.api.RequiresScope;
import dev.luthier.server.api.chat.AnswerMemory;
import dev.luthier.server.api.chat.AnswerOutput;
import dev.luthier.server.api.chat.Answering;
import dev.luthier.server.api.chat.Answers;
import dev.luthier.server.api.chat.Usage;
import dev.luthier.server.api.mistral.ChatJson.AssistantMessage;
import dev.luthier.server.api.mistral.ChatJson.Choice;
import dev.luthier.server.api.mistral.ChatJson.Completion;
import dev.luthier.server.api.mistral.ChatRequestReader.ChatRequest;
import dev.luthier.server.key.Principal;
import dev.luthier.server.key.Scope;
import dev.luthier.server.serve.AnswerStream;
import dev.luthier.server.serve.AnswerStream.Piece;
import dev.luthier.server.serve.ChatService;
import dev.luthier.server.serve.Prompt;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** Chat completions, whole or streamed. */
@RestController
public final class ChatController {
    private final ChatService chat;
    private final Answering answering;
    private final Clock clock;

    public ChatController(ChatService chat, Answering answering, Clock clock) {
        this.chat = chat;
        this.answering = answering;
        this.clock = clock;
    }

    @PostMapping("/mistral/v1/chat/completions")
    @RequiresScope(Scope.INFERENCE)
    void complete(Principal principal, Dialect dialect, Fields body, Query query, HttpServletResponse response) {
        query.finish();
        ChatRequest request = ChatRequestReader.read(body);
        long createdSeconds = clock.millis() / 1000;
        Prompt prompt = chat.prompt(principal, request.turn());
        String id = "cmpl-" + UUID.randomUUID().toString().replace("-", "");
        int each = prompt.options().choices();
        if (request.stream()) {
            answering.stream(principal, List.of(prompt), each, response,
                    (answers, output) -> new ChatStream(prompt, answers, output, id, createdSeconds).write());
        } else {
            answering.whole(principal, List.of(prompt), each, response, (answers, output, share) -> {
                Completion whole = whole(prompt, answers, output, share, id, createdSeconds);
                return dialect == Dialect.EITHER ? ChatJson.superset(whole) : whole;
            });
        }
    }

    private static Completion whole(Prompt prompt, Answers answers, AnswerOutput output, AnswerMemory.Share share,
            String id, long createdSeconds) {
        List<Choice> choices = new ArrayList<>();
        for (Piece piece : answers.readAll(output, share)) {
            AnswerStream answer = answers.get(choices.size());
            boolean calls = !answer.calls().isEmpty();
            choices.add(new Choice(choices.size(),
                    new AssistantMessage("assistant", calls && piece.text().isEmpty() ? null : piece.text(),
                            calls ? ChatJson.calls(answer.calls()) : null, false),
                    calls ? "tool_calls" : ChatJson.finishReason(answer.end(), false)));
        }
        return new Completion(id, "chat.completion", createdSeconds, prompt.modelName(), choices,
                Usage.of(prompt.tokens().length, answers.generatedTokens()));
    }
}
