package dev.luthier.server.api.chat;

import dev.luthier.server.key.Principal;
import dev.luthier.server.serve.Generator;
import dev.luthier.server.serve.Prompt;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers a request, whole or as a stream, in whichever dialect's words. Faults before the first token, and those of
 * whole answers, are thrown; a client that goes cancels what is being generated for it. The log has models and token
 * counts, never content.
 */
public final class Answering {
    private static final Logger LOG = LoggerFactory.getLogger(Answering.class);

    private final Generator generator;
    private final AnswerMemory memory;
    private final Clock clock;

    public Answering(Generator generator, AnswerMemory memory, Clock clock) {
        this.generator = generator;
        this.memory = memory;
        this.clock = clock;
    }

    /** Words a whole answer. */
    public interface WholeWriter {
        /** Reads the answers to their ends, within the share of the memory. */
        Object write(Answers answers, AnswerOutput output, AnswerMemory.Share share);
    }

    /** Words a stream of events. */
    public interface StreamWriter {
        /**
         * Reads the answers to their ends and sends events on the way.
         *
         * @throws IOException when the client has gone
         */
        void write(Answers answers, AnswerOutput output) throws IOException;
    }

    /**
     * Answers with one JSON value.
     *
     * @param each answers per prompt
     */
    public void whole(Principal principal, List<Prompt> prompts, int each, HttpServletResponse response,
            WholeWriter writer) {
        long startMillis = clock.millis();
        AnswerOutput output = AnswerOutput.json(response);
        try (AnswerMemory.Share share = memory.admit(prompts, each)) {
            output.value(Answers.unseen(() -> {
                share.restart();
                try (Answers answers = Answers.start(generator, prompts, each)) {
                    Object whole = writer.write(answers, output, share);
                    log(principal, prompts, answers, startMillis);
                    return whole;
                }
            }));
        } catch (IOException | AnswerOutput.ClientGone e) {
            LOG.info("{}: the client of {} has gone", principal.organization(), prompts.getFirst().modelName());
        }
    }

    /** Answers with events. */
    public void stream(Principal principal, List<Prompt> prompts, int each, HttpServletResponse response,
            StreamWriter writer) {
        long startMillis = clock.millis();
        try (Answers answers = Answers.start(generator, prompts, each)) {
            try {
                writer.write(answers, AnswerOutput.events(response));
            } catch (IOException e) {
                LOG.info("{}: the client of {} has gone", principal.organization(), prompts.getFirst().modelName());
            }
            log(principal, prompts, answers, startMillis);
        }
    }

    private void log(Principal principal, List<Prompt> prompts, Answers answers, long startMillis) {
        LOG.info("{}: {} answered, {} + {} tokens, {} ms", principal.organization(),
                prompts.getFirst().modelName(), prompts.stream().mapToInt(prompt -> prompt.tokens().length).sum(),
                answers.generatedTokens(), clock.millis() - startMillis);
    }
}
