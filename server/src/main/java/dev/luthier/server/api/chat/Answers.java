package dev.luthier.server.api.chat;

import dev.luthier.core.problem.ProblemException;
import dev.luthier.server.serve.AnswerStream;
import dev.luthier.server.serve.AnswerStream.Piece;
import dev.luthier.server.serve.Generator;
import dev.luthier.server.serve.Prompt;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * The answers to one request, generated side by side whichever of them is being read. Closing cancels those that go on.
 */
public record Answers(List<AnswerStream> streams) implements AutoCloseable {

    /**
     * Starts answers; each has its first token when this returns.
     *
     * @param each how many per prompt; those of a prompt follow each other
     * @throws ProblemException as {@link Generator#answer} does
     */
    public static Answers start(Generator generator, List<Prompt> prompts, int each) {
        List<AnswerStream> streams = new ArrayList<>();
        try {
            for (Prompt prompt : prompts) {
                for (int choice = 0; choice < each; choice++) {
                    streams.add(generator.answer(prompt, choice));
                }
            }
            return new Answers(streams);
        } catch (RuntimeException e) {
            streams.forEach(AnswerStream::close);
            throw e;
        }
    }

    /** Starts as many answers as the prompt's options say. */
    public static Answers start(Generator generator, Prompt prompt) {
        return start(generator, List.of(prompt), prompt.options().choices());
    }

    /**
     * Does work of which the client sees nothing until it is done, and does it again if a worker died during it.
     *
     * @throws ProblemException whatever the work threw then
     */
    public static <T> T unseen(Supplier<T> work) {
        try {
            return work.get();
        } catch (ProblemException e) {
            if (!e.problem().code().equals("worker_gone")) {
                throw e;
            }
            return work.get();
        }
    }

    /**
     * Reads every answer to its end, a piece of each in turn.
     *
     * @param output told from time to time to check that the client is still there
     * @throws IOException when the client has gone
     */
    public void drain(AnswerOutput output, ChoiceWriter writer) throws IOException {
        streams.forEach(stream -> stream.onSign(output::sign));
        boolean[] ended = new boolean[streams.size()];
        int running = streams.size();
        try {
            while (running > 0) {
                for (int index = 0; index < ended.length; index++) {
                    if (!ended[index] && !advance(index, writer)) {
                        ended[index] = true;
                        running--;
                    }
                }
            }
        } catch (AnswerOutput.ClientGone e) {
            throw e.getCause();
        }
    }

    /** Passes the next piece of an answer on; returns false at its end. */
    private boolean advance(int index, ChoiceWriter writer) throws IOException {
        AnswerStream stream = streams.get(index);
        Piece piece;
        try {
            piece = stream.next();
        } catch (ProblemException e) {
            writer.fault(index, e);
            return false;
        }
        if (piece == null) {
            writer.end(index, stream);
            return false;
        }
        writer.piece(index, piece);
        return true;
    }

    /**
     * Reads every answer to its end and gives each as one piece.
     *
     * @throws AnswerOutput.ClientGone when the client has gone
     */
    public List<Piece> readAll(AnswerOutput output) {
        List<Piece> all = new ArrayList<>();
        for (AnswerStream stream : streams) {
            stream.onSign(output::sign);
            all.add(stream.readRest());
        }
        return all;
    }

    /** Tokens made so far. */
    public int generatedTokens() {
        return streams.stream().mapToInt(AnswerStream::generatedTokens).sum();
    }

    @Override
    public void close() {
        streams.forEach(AnswerStream::close);
    }
}
