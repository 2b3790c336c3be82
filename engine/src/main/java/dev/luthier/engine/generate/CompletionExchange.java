package dev.luthier.engine.generate;

import com.sun.net.httpserver.HttpExchange;
import dev.luthier.core.problem.Problem;
import dev.luthier.engine.generate.Generation.Event;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

import org.jspecify.annotations.Nullable;

/**
 * Carries a generation's events to the client that asked for it. A client that has gone is noticed by a failing write,
 * so something is written at least every {@link #KEEP_ALIVE_MILLIS}: a comment in a stream, a space before a whole
 * answer, which JSON allows. A fault after the headers is an error event in a stream, and otherwise breaks the
 * connection, so that nobody takes half an answer for a whole one.
 */
final class CompletionExchange {
    private static final long KEEP_ALIVE_MILLIS = 1000;

    private final HttpExchange exchange;
    private final CompletionRequest request;
    private final Generation generation;
    private final CompletionAnswer answer;
    private @Nullable OutputStream out;
    private long lastWriteNanos = System.nanoTime();

    private CompletionExchange(HttpExchange exchange, CompletionRequest request, Generation generation) {
        this.exchange = exchange;
        this.request = request;
        this.generation = generation;
        this.answer = new CompletionAnswer(request.model(), request.generation().prompt().length);
    }

    /** Returns when the answer is written, the client has gone or the generation has failed. */
    static void run(HttpExchange exchange, CompletionRequest request, Generation generation)
            throws IOException, InterruptedException {
        try {
            new CompletionExchange(exchange, request, generation).run();
        } finally {
            generation.cancel(); // changes nothing when it has ended
        }
    }

    private void run() throws IOException, InterruptedException {
        int generated = 0;
        while (true) {
            switch (generation.poll(KEEP_ALIVE_MILLIS)) {
                case null -> write(request.stream() ? ": waiting\n\n" : " ");
                case Event.PromptScored scores -> answer.add(scores);
                case Event.Token token -> {
                    generated++;
                    if (request.stream()) {
                        write("data: " + answer.chunk(token) + "\n\n");
                    } else {
                        answer.add(token);
                        if (System.nanoTime() - lastWriteNanos > KEEP_ALIVE_MILLIS * 1_000_000) {
                            write(" ");
                        }
                    }
                }
                case Event.Finished end -> {
                    write(request.stream()
                            ? "data: " + answer.lastChunk(end, generated) + "\n\ndata: [DONE]\n\n"
                            : answer.whole(end));
                    stream().close();
                    return;
                }
                case Event.Failed(Problem problem) -> {
                    fail(problem);
                    return;
                }
            }
        }
    }

    private void fail(Problem problem) throws IOException {
        if (out == null) {
            Exchanges.sendProblem(exchange, problem);
        } else if (request.stream()) {
            write("data: " + Exchanges.errorBody(problem) + "\n\ndata: [DONE]\n\n");
            out.close();
        } else {
            throw new IOException("generation failed: " + problem.message());
        }
    }

    private void write(String text) throws IOException {
        OutputStream stream = stream();
        stream.write(text.getBytes(StandardCharsets.UTF_8));
        stream.flush();
        lastWriteNanos = System.nanoTime();
    }

    private OutputStream stream() throws IOException {
        if (out == null) {
            exchange.getResponseHeaders().set("Content-Type",
                    request.stream() ? "text/event-stream" : "application/json");
            exchange.sendResponseHeaders(200, 0);
            out = exchange.getResponseBody();
        }
        return out;
    }
}
