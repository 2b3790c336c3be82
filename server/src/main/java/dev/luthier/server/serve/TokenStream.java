package dev.luthier.server.serve;

import dev.luthier.core.json.Json;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * The tokens of one generation as the worker makes them. Read by one thread; closing it before the end cancels the
 * generation.
 */
public final class TokenStream implements AutoCloseable {

    /** Why a generation ended. */
    public enum Finish {
        /** At a stop token, which is the last token of the stream. */
        STOP,
        /** At the limit that was asked for, or of the context. */
        LENGTH
    }

    /** @param score null unless log-probabilities are wanted */
    record Token(int id, @Nullable TokenScore score) {}

    private final InputStream body;
    private final BufferedReader lines;
    private final boolean endsWithContext;
    private Runnable onClose;
    private final Deque<Token> ready = new ArrayDeque<>();
    private final int alternatives;
    private Runnable onSign = () -> {};
    private @Nullable Finish finish;
    private boolean closed;

    /**
     * @param alternatives how many are wanted with each token's log-probability
     * @param endsWithContext whether LENGTH means that the context is full
     * @param onClose runs once, when the stream is closed
     */
    TokenStream(InputStream body, int alternatives, boolean endsWithContext, Runnable onClose) {
        this.body = body;
        this.alternatives = alternatives;
        this.endsWithContext = endsWithContext;
        this.lines = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8));
        this.onClose = onClose;
    }

    /** A generation of no tokens. */
    static TokenStream empty() {
        TokenStream stream = new TokenStream(InputStream.nullInputStream(), 0, false, () -> {});
        stream.finish = Finish.LENGTH;
        return stream;
    }

    /** Adds to what happens when the stream is closed. */
    TokenStream alsoOnClose(Runnable action) {
        Runnable before = onClose;
        onClose = () -> {
            before.run();
            action.run();
        };
        return this;
    }

    /** What to run at each sign of life from the worker, one a second at least, on the thread that reads. */
    void onSign(Runnable action) {
        onSign = action;
    }

    /** Waits for the first token or the end, so that an early fault of the worker shows. */
    void awaitFirst() throws IOException {
        fill();
    }

    /**
     * The next token, or null at the end.
     *
     * @throws ProblemException RESOURCE {@code worker_gone} if the worker ended first; INTERNAL if it reports a fault
     */
    @Nullable
    Token next() {
        try {
            fill();
        } catch (IOException e) {
            throw new ProblemException(Problem.resource("worker_gone",
                    "The inference worker ended while it was answering. Send the request again."), e);
        }
        return ready.poll();
    }

    /** Why it ended; known once {@link #next} has returned null. */
    public Finish finish() {
        if (finish == null) {
            throw new IllegalStateException("the generation goes on");
        }
        return finish;
    }

    /** Whether a generation that ends with LENGTH has filled the model's context, not the limit that was asked for. */
    boolean endsWithContext() {
        return endsWithContext;
    }

    private void fill() throws IOException {
        while (ready.isEmpty() && finish == null) {
            String line = lines.readLine();
            if (line == null || line.equals("data: [DONE]")) {
                throw new IOException("the worker's answer broke off");
            }
            onSign.run();
            if (line.startsWith("data: ")) {
                read(line.substring("data: ".length()));
            }
        }
    }

    private void read(String data) throws IOException {
        JsonNode event;
        try {
            event = Json.parse(data);
        } catch (JacksonException e) {
            throw new IOException("the worker's answer is not JSON", e);
        }
        if (event.has("error")) {
            throw Problem.internal("worker_fault", "The inference worker failed: "
                    + event.at("/error/message").asString("no reason given")).asException();
        }
        JsonNode choice = event.at("/choices/0");
        JsonNode logprobs = choice.path("logprobs");
        int index = 0;
        for (JsonNode token : choice.path("token_ids")) {
            ready.add(
                    new Token(token.intValue(), logprobs.isObject() ? score(token.intValue(), logprobs, index) : null));
            index++;
        }
        if (choice.path("finish_reason").isString()) {
            finish = choice.path("finish_reason").stringValue().equals("stop") ? Finish.STOP : Finish.LENGTH;
        }
    }

    /** Tokens are named {@code token_id:N}. */
    private TokenScore score(int token, JsonNode logprobs, int index) throws IOException {
        Map<Integer, Double> top = new HashMap<>();
        for (Map.Entry<String, JsonNode> entry : logprobs.path("top_logprobs").path(index).properties()) {
            String name = entry.getKey();
            if (!name.matches("token_id:[0-9]{1,9}")) {
                throw new IOException("the worker does not name tokens by their ids");
            }
            top.put(Integer.parseInt(name.substring("token_id:".length())), entry.getValue().doubleValue());
        }
        return TokenScore.of(token, logprobs.path("token_logprobs").path(index).asDouble(), top, alternatives);
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            try {
                body.close();
            } catch (IOException e) {
                // The connection is gone either way, and with it the generation.
            }
            onClose.run();
        }
    }
}
