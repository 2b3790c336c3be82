package dev.luthier.server.api.mistral;

import dev.luthier.core.problem.ProblemException;
import dev.luthier.server.api.chat.AnswerOutput;
import dev.luthier.server.api.chat.Answers;
import dev.luthier.server.api.chat.ChoiceWriter;
import dev.luthier.server.api.chat.Usage;
import dev.luthier.server.api.mistral.ChatJson.Chunk;
import dev.luthier.server.api.mistral.ChatJson.ChunkChoice;
import dev.luthier.server.api.mistral.ChatJson.Delta;
import dev.luthier.server.serve.AnswerStream;
import dev.luthier.server.serve.AnswerStream.Piece;
import dev.luthier.server.serve.Prompt;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A chat answer as server-sent events: a chunk per piece of text, the reason in a choice's last chunk, the usage in the
 * last of all, then {@code [DONE]}. No chunk is without a choice. A fault in the middle ends the choice with the reason
 * {@code error}, since the protocol has no event for it. Tool calls come whole, with the reason.
 */
final class ChatStream implements ChoiceWriter {
    private static final Logger LOG = LoggerFactory.getLogger(ChatStream.class);

    private final Prompt prompt;
    private final Answers answers;
    private final AnswerOutput output;
    private final String id;
    private final long createdSeconds;
    private int running;

    ChatStream(Prompt prompt, Answers answers, AnswerOutput output, String id, long createdSeconds) {
        this.prompt = prompt;
        this.answers = answers;
        this.output = output;
        this.id = id;
        this.createdSeconds = createdSeconds;
        this.running = answers.size();
    }

    /**
     * Generates and writes until the end.
     *
     * @throws IOException when the client has gone
     */
    void write() throws IOException {
        for (int index = 0; index < running; index++) {
            send(index, new Delta("assistant", "", null), null);
        }
        answers.drain(output, this);
        output.done();
    }

    @Override
    public void piece(int index, Piece piece) throws IOException {
        send(index, new Delta(null, piece.text(), null), null);
    }

    @Override
    public void end(int index, AnswerStream answer) throws IOException {
        boolean calls = !answer.calls().isEmpty();
        running--;
        send(index, new Delta(null, "", calls ? ChatJson.calls(answer.calls()) : null),
                calls ? "tool_calls" : ChatJson.finishReason(answer.end(), true));
    }

    @Override
    public void fault(int index, ProblemException fault) throws IOException {
        LOG.warn("{} broke off: {}", id, fault.getMessage());
        running--;
        send(index, new Delta(null, "", null), "error");
    }

    private void send(int index, Delta delta, @Nullable String finishReason) throws IOException {
        output.event(new Chunk(id, "chat.completion.chunk", createdSeconds, prompt.modelName(),
                List.of(new ChunkChoice(index, delta, finishReason)),
                running == 0 ? Usage.of(prompt.tokens().length, answers.generatedTokens()) : null));
    }
}
