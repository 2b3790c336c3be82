package dev.luthier.server.api.chat;

import dev.luthier.core.problem.ProblemException;
import dev.luthier.server.serve.AnswerStream;
import dev.luthier.server.serve.AnswerStream.Piece;
import dev.luthier.server.serve.Generator;
import dev.luthier.server.serve.Prompt;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.ListIterator;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * The answers to one request. Some are generated side by side, whichever of them is being read; each one that ends makes
 * room for a further one. Closing cancels those that go on. One thread.
 */
public final class Answers implements AutoCloseable {
    /** About what a worker generates at a time: more would wait there, unable to notice that the client has gone. */
    private static final int SIDE_BY_SIDE = 16;

    private final Generator generator;
    private final List<Prompt> prompts;
    private final int each;
    private final Map<Integer, AnswerStream> streams = new HashMap<>();
    private int begun;

    private Answers(Generator generator, List<Prompt> prompts, int each) {
        this.generator = generator;
        this.prompts = List.copyOf(prompts);
        this.each = each;
    }

    /**
     * Starts the first answers; each has its first token when this returns.
     *
     * @param each how many per prompt; those of a prompt follow each other
     * @throws ProblemException as {@link Generator#answer} does
     */
    public static Answers start(Generator generator, List<Prompt> prompts, int each) {
        Answers answers = new Answers(generator, prompts, each);
        try {
            while (answers.begun < Math.min(SIDE_BY_SIDE, answers.size())) {
                answers.begin();
            }
            return answers;
        } catch (RuntimeException e) {
            answers.close();
            throw e;
        }
    }

    private void begin() {
        int index = begun++;
        streams.put(index, generator.answer(prompts.get(index / each), index % each));
    }

    /** How many there are, begun or not. */
    public int size() {
        return prompts.size() * each;
    }

    /** An answer that has begun. */
    public AnswerStream get(int index) {
        return Objects.requireNonNull(streams.get(index));
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
     * Reads every answer to its end, a piece of each running one in turn.
     *
     * @param output told from time to time to check that the client is still there
     * @throws IOException when the client has gone
     */
    public void drain(AnswerOutput output, ChoiceWriter writer) throws IOException {
        List<Integer> running = new ArrayList<>(IntStream.range(0, begun).boxed().toList());
        try {
            while (!running.isEmpty()) {
                for (ListIterator<Integer> next = running.listIterator(); next.hasNext();) {
                    int index = next.next();
                    get(index).onSign(output::sign);
                    if (!advance(index, writer)) {
                        next.remove();
                        replace(next, writer);
                    }
                }
            }
        } catch (AnswerOutput.ClientGone e) {
            throw e.getCause();
        }
    }

    /** Begins the next answer, if there is one more. */
    private void replace(ListIterator<Integer> running, ChoiceWriter writer) throws IOException {
        while (begun < size()) {
            int index = begun;
            try {
                begin();
                running.add(index);
                return;
            } catch (ProblemException e) {
                writer.fault(index, e);
            }
        }
    }

    /** Passes the next piece of an answer on; returns false at its end. */
    private boolean advance(int index, ChoiceWriter writer) throws IOException {
        AnswerStream stream = get(index);
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
     * @param share takes what they need
     * @throws AnswerOutput.ClientGone when the client has gone
     */
    public List<Piece> readAll(AnswerOutput output, AnswerMemory.Share share) {
        List<Piece> all = new ArrayList<>();
        for (int index = 0; index < size(); index++) {
            get(index).onSign(output::sign);
            all.add(get(index).readRest(share::add));
            if (begun < size()) {
                begin();
            }
        }
        return all;
    }

    /** Tokens made so far. */
    public int generatedTokens() {
        return streams.values().stream().mapToInt(AnswerStream::generatedTokens).sum();
    }

    @Override
    public void close() {
        streams.values().forEach(AnswerStream::close);
    }
}
