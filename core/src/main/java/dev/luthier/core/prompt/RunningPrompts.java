package dev.luthier.core.prompt;

import dev.luthier.core.isolation.Deadline;
import dev.luthier.core.isolation.JavaProgram;
import dev.luthier.core.isolation.ProgramEnd;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.prompt.PromptFrames.Reply;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** One process of a {@link PromptProcess}. One thread at a time. */
final class RunningPrompts implements AutoCloseable {
    /** Enough for the longest text that is tokenized and what templates make of it. */
    private static final int HEAP_MEGABYTES = 256;
    private static final Duration LOAD_LIMIT = Duration.ofMinutes(2);

    private final Path model;
    private final Duration limit;
    private final JavaProgram program;

    private RunningPrompts(Path model, Duration limit, JavaProgram program) {
        this.model = model;
        this.limit = limit;
        this.program = program;
    }

    /** Starts a process and waits until it has loaded the model; throws as {@link PromptProcess#start} does. */
    static RunningPrompts start(Path model, Duration limit) {
        JavaProgram program;
        try {
            program = JavaProgram.start(PromptMain.class, HEAP_MEGABYTES, List.of(model.toString()));
        } catch (IOException e) {
            throw new ProblemException(Problem.resource("tokenizer_not_started", "No process could be started for the "
                    + "tokenizer of " + model.getFileName() + ": " + e.getMessage() + "."), e);
        }
        RunningPrompts started = new RunningPrompts(model, limit, program);
        try {
            started.awaitLoaded();
        } catch (RuntimeException e) {
            program.close();
            throw e;
        }
        return started;
    }

    private void awaitLoaded() {
        try (Deadline deadline = program.within(LOAD_LIMIT)) {
            if (PromptFrames.readReply(program.replies()) == Reply.PROBLEM) {
                throw PromptFrames.readProblem(program.replies()).asException();
            }
        } catch (IOException e) {
            throw new ProblemException(Problem.user("invalid_tokenizer", "The tokenizer of " + model.getFileName()
                    + " cannot be loaded, because its process ended: " + program.end().reason()
                    + ". Check its tokenizer.json and chat template."), e);
        }
    }

    boolean isAlive() {
        return program.isAlive();
    }

    PromptTokens encode(PromptSource source) {
        boolean rendered = false;
        try (Deadline deadline = program.within(limit)) {
            try {
                PromptFrames.write(program.requests(), source);
                while (true) {
                    switch (PromptFrames.readReply(program.replies())) {
                        case LOADED -> throw new IllegalStateException("the model is loaded once");
                        case RENDERED -> {
                            rendered = true;
                            deadline.extend();
                        }
                        case TOKENS -> {
                            return PromptFrames.readTokens(program.replies());
                        }
                        case PROBLEM -> throw PromptFrames.readProblem(program.replies()).asException();
                    }
                }
            } catch (IOException e) {
                throw new ProblemException(ended(source, rendered, deadline.hasPassed()), e);
            }
        }
    }

    private Problem ended(PromptSource source, boolean rendered, boolean late) {
        String who = "The " + (rendered ? "tokenizer" : "chat template") + " of " + model.getFileName();
        if (late) {
            return Problem.user("prompt_time_limit", who + " did not finish within " + limit.toSeconds()
                    + " s. Shorten or change the " + source.field() + ", or use another model.", source.field());
        }
        ProgramEnd end = program.end();
        return end.isAbort() || end.status() == ProgramEnd.OUT_OF_MEMORY
                ? Problem.user("untokenizable_text", who + " failed: " + end.reason() + ". Shorten or change the "
                        + source.field() + ", or use another model.", source.field())
                : Problem.resource("tokenizer_gone", who + " ended while it read the prompt: " + end.reason()
                        + ". Send the request again.");
    }

    @Override
    public void close() {
        program.close();
    }
}
