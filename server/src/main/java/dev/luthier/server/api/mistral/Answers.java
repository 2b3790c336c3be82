package dev.luthier.server.api.mistral;

import dev.luthier.server.serve.AnswerStream;
import dev.luthier.server.serve.ChatPrompt;
import dev.luthier.server.serve.ChatService;
import java.util.ArrayList;
import java.util.List;

/**
 * The answers to one request, generated side by side whichever of them is being read. Closing cancels those that go on.
 */
record Answers(List<AnswerStream> streams) implements AutoCloseable {

    /** Starts as many answers as the request wants; each has its first token when this returns. */
    static Answers start(ChatService chat, ChatPrompt prompt) {
        List<AnswerStream> streams = new ArrayList<>();
        try {
            for (int choice = 0; choice < prompt.turn().choices(); choice++) {
                streams.add(chat.answer(prompt, choice));
            }
            return new Answers(streams);
        } catch (RuntimeException e) {
            streams.forEach(AnswerStream::close);
            throw e;
        }
    }

    int generatedTokens() {
        return streams.stream().mapToInt(AnswerStream::generatedTokens).sum();
    }

    @Override
    public void close() {
        streams.forEach(AnswerStream::close);
    }
}
