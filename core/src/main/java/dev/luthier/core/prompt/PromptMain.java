package dev.luthier.core.prompt;

import dev.luthier.core.isolation.JavaProgram;
import dev.luthier.core.problem.ProblemException;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.SynchronousQueue;

/**
 * The program behind {@link PromptProcess}: {@code MODEL_DIRECTORY} is loaded, then prompts come on standard input, one
 * at a time, and their tokens go to standard output. It ends with its input, whatever it is doing.
 */
final class PromptMain {
    private PromptMain() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        DataOutputStream out = new DataOutputStream(new BufferedOutputStream(System.out));
        System.setOut(System.err); // what a library prints must not get among the replies
        SynchronousQueue<PromptSource> sources = new SynchronousQueue<>();
        Thread.ofPlatform().name("requests").daemon().start(() -> read(sources));
        try (PromptEncoder encoder = PromptEncoder.open(Path.of(arguments[0]))) {
            PromptFrames.write(out, PromptFrames.Reply.LOADED);
            while (true) {
                answer(encoder, sources.take(), out);
            }
        } catch (ProblemException e) {
            PromptFrames.write(out, e.problem());
        }
    }

    /** On a thread of its own, which sees the end of the input also while native code does not return. */
    private static void read(SynchronousQueue<PromptSource> sources) {
        DataInputStream in = new DataInputStream(new BufferedInputStream(System.in));
        try {
            while (true) {
                sources.put(PromptFrames.readSource(in));
            }
        } catch (IOException e) {
            JavaProgram.endAsOrphan();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void answer(PromptEncoder encoder, PromptSource source, DataOutputStream out) throws IOException {
        try {
            PromptFrames.write(out, encoder.encode(source, () -> rendered(out)));
        } catch (ProblemException e) {
            PromptFrames.write(out, e.problem());
        }
    }

    private static void rendered(DataOutputStream out) {
        try {
            PromptFrames.write(out, PromptFrames.Reply.RENDERED);
        } catch (IOException e) {
            JavaProgram.endAsOrphan();
        }
    }
}
