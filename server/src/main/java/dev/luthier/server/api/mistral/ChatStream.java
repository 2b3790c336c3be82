package dev.luthier.server.api.mistral;

import dev.luthier.core.problem.ProblemException;
import dev.luthier.server.api.WireJson;
import dev.luthier.server.api.mistral.ChatJson.Chunk;
import dev.luthier.server.api.mistral.ChatJson.ChunkChoice;
import dev.luthier.server.api.mistral.ChatJson.Delta;
import dev.luthier.server.api.mistral.ChatJson.Usage;
import dev.luthier.server.serve.AnswerStream;
import dev.luthier.server.serve.ChatPrompt;
import dev.luthier.server.serve.ChatService;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A chat answer as server-sent events: a chunk per piece of text, the reason in a choice's last chunk, the usage in the
 * last of all, then {@code [DONE]}. No chunk is without a choice. A fault in the middle ends the choice with the reason
 * {@code error}, since the protocol has no event for it. Tool calls come whole, with the reason.
 */
final class ChatStream {
    private static final Logger LOG = LoggerFactory.getLogger(ChatStream.class);

    private final ChatService chat;
    private final ChatPrompt prompt;
    private final String id;
    private final long createdSeconds;
    private int running;

    ChatStream(ChatService chat, ChatPrompt prompt, String id, long createdSeconds) {
        this.chat = chat;
        this.prompt = prompt;
        this.id = id;
        this.createdSeconds = createdSeconds;
    }

    /**
     * Generates and writes until the end, or until the client has gone.
     *
     * @return what was generated
     * @throws ProblemException before anything was written
     */
    Usage writeTo(HttpServletResponse response) {
        try (Answers answers = Answers.start(chat, prompt)) {
            response.setContentType("text/event-stream");
            response.setHeader("Cache-Control", "no-cache");
            response.setHeader("X-Accel-Buffering", "no");
            try {
                write(answers, response.getOutputStream());
            } catch (IOException e) {
                LOG.info("the client of {} has gone", id);
            }
            return usage(answers);
        }
    }

    private void write(Answers answers, OutputStream out) throws IOException {
        List<AnswerStream> streams = answers.streams();
        boolean[] ended = new boolean[streams.size()];
        running = streams.size();
        for (int index = 0; index < streams.size(); index++) {
            send(out, index, new Delta("assistant", "", null), null, answers);
        }
        while (running > 0) {
            for (int index = 0; index < streams.size(); index++) {
                ended[index] = ended[index] || !advance(out, index, streams.get(index), answers);
            }
        }
        out.write("data: [DONE]\n\n".getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    /** Sends the next piece of a choice; returns false at its end. */
    private boolean advance(OutputStream out, int index, AnswerStream stream, Answers answers) throws IOException {
        String piece;
        try {
            piece = stream.next();
            if (piece == null) {
                end(out, index, stream, answers);
            }
        } catch (ProblemException e) {
            LOG.warn("{} broke off: {}", id, e.getMessage());
            running--;
            send(out, index, new Delta(null, "", null), "error", answers);
            return false;
        }
        if (piece != null) {
            send(out, index, new Delta(null, piece, null), null, answers);
        }
        return piece != null;
    }

    private void end(OutputStream out, int index, AnswerStream stream, Answers answers) throws IOException {
        boolean calls = !stream.calls().isEmpty();
        running--;
        send(out, index, new Delta(null, "", calls ? ChatJson.calls(stream.calls()) : null),
                calls ? "tool_calls" : ChatJson.finishReason(stream.end(), true), answers);
    }

    private void send(OutputStream out, int index, Delta delta, @Nullable String finishReason, Answers answers)
            throws IOException {
        Chunk chunk = new Chunk(id, "chat.completion.chunk", createdSeconds, prompt.turn().model(),
                List.of(new ChunkChoice(index, delta, finishReason)), running == 0 ? usage(answers) : null);
        out.write(("data: " + WireJson.MAPPER.writeValueAsString(chunk) + "\n\n")
                .getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    private Usage usage(Answers answers) {
        return Usage.of(prompt.tokens().length, answers.generatedTokens());
    }
}
