package dev.luthier.server.api.openai;

import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.server.api.chat.AnswerOutput;
import dev.luthier.server.api.chat.Answers;
import dev.luthier.server.api.chat.ChoiceWriter;
import dev.luthier.server.api.chat.Usage;
import dev.luthier.server.config.ServerPaths;
import dev.luthier.server.serve.Prompt;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The chunks of a streamed answer, of either completions route: all alike but for what is in their choices. */
final class ChunkStream {
    private static final Logger LOG = LoggerFactory.getLogger(ChunkStream.class);

    private final AnswerOutput output;
    private final String object;
    private final String id;
    private final long createdSeconds;
    private final Prompt prompt;
    private final boolean includeUsage;

    /** @param includeUsage whether each chunk has {@code usage}, null but in one more at the end */
    ChunkStream(AnswerOutput output, String object, String id, long createdSeconds, Prompt prompt,
            boolean includeUsage) {
        this.output = output;
        this.object = object;
        this.id = id;
        this.createdSeconds = createdSeconds;
        this.prompt = prompt;
        this.includeUsage = includeUsage;
    }

    /** Sends a chunk with one choice. */
    void send(Object choice) throws IOException {
        send(List.of(choice), null);
    }

    /**
     * Sends what the writer makes of the answers, the usage if it is wanted, and {@code [DONE]}. A fault that the writer
     * throws is sent as an event.
     *
     * @throws IOException when the client has gone
     */
    void drain(Answers answers, ChoiceWriter writer, Supplier<Usage> usage) throws IOException {
        try {
            answers.drain(output, writer);
            if (includeUsage) {
                send(List.of(), usage.get());
            }
        } catch (ProblemException e) {
            LOG.warn("{} broke off: {}", id, e.getMessage());
            output.event(Map.of("error", error(e.problem())));
        }
        output.done();
    }

    private void send(List<Object> choices, @Nullable Usage usage) throws IOException {
        Map<String, @Nullable Object> chunk = new LinkedHashMap<>();
        chunk.put("id", id);
        chunk.put("object", object);
        chunk.put("created", createdSeconds);
        chunk.put("model", prompt.modelName());
        chunk.put("system_fingerprint", prompt.fingerprint());
        chunk.put("choices", choices);
        if (includeUsage) {
            chunk.put("usage", usage);
        }
        output.event(chunk);
    }

    private static Map<String, @Nullable Object> error(Problem problem) {
        Map<String, @Nullable Object> error = new LinkedHashMap<>();
        boolean known = problem.kind() == Problem.Kind.RESOURCE;
        error.put("message",
                known
                        ? ServerPaths.hide(problem.message())
                        : "Something went wrong in the server. Its log has the details.");
        error.put("type", "server_error");
        error.put("param", null);
        error.put("code", known ? problem.code() : "internal_error");
        return error;
    }
}
