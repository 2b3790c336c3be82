package dev.luthier.core.data;

import dev.luthier.core.data.LineWatch.Work;
import dev.luthier.core.isolation.JavaProgram;
import dev.luthier.core.json.Json;
import dev.luthier.core.model.ModelDirectory;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.tokenizer.Tokenizer;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;

/**
 * The program behind {@link EncodingProcess}: {@code FILE_FOR_LINES} gets the lines in hand. Encodings come on standard
 * input, one at a time. For each, standard output gets the tokens of every sequence of every valid sample and -1, then an
 * {@link EncodingReply}. It ends with its input, whatever it is doing.
 */
final class EncodingMain {
    private static final long LOOK_MILLIS = 200;

    private final Path linesFile;
    private final DataOutputStream out;

    private EncodingMain(Path linesFile, DataOutputStream out) {
        this.linesFile = linesFile;
        this.out = out;
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        PrintStream replies = System.out;
        System.setOut(System.err); // what a library prints must not get among the replies
        EncodingMain program = new EncodingMain(Path.of(arguments[0]),
                new DataOutputStream(new BufferedOutputStream(replies)));
        SynchronousQueue<DataEncoding> encodings = new SynchronousQueue<>();
        Thread.ofPlatform().name("requests").daemon().start(() -> read(encodings));
        while (true) {
            program.answer(encodings.take());
        }
    }

    /** On a thread of its own, which sees the end of the input also while native code does not return. */
    private static void read(SynchronousQueue<DataEncoding> encodings) {
        DataInputStream in = new DataInputStream(System.in);
        try {
            while (true) {
                encodings.put(Json.MAPPER.readValue(in.readUTF(), DataEncoding.class));
            }
        } catch (IOException e) {
            JavaProgram.endAsOrphan();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void answer(DataEncoding encoding) throws IOException {
        LinesInHand lines = LinesInHand.create(linesFile, encoding.threads());
        Thread watch = Thread.ofPlatform().name("time-limit").daemon().start(() -> watch(lines, encoding));
        EncodingReply reply;
        try {
            reply = encode(encoding, lines);
        } catch (ProblemException e) {
            reply = EncodingReply.of(e.problem());
        }
        watch.interrupt();
        finish(reply);
    }

    private EncodingReply encode(DataEncoding encoding, LinesInHand lines) {
        ModelDirectory model = ModelDirectory.open(encoding.model());
        try (Tokenizer tokenizer = model.tokenizer()) {
            SampleEncoder encoder = SampleEncoder.of(model, tokenizer, encoding.targets());
            DataReport report = DataValidator.encode(encoding.file(), encoder, encoding.maxSampleTokens(),
                    encoding.threads(), lines,
                    (line, unit) -> unit.sequences().forEach(sequence -> length(sequence.length())));
            return new EncodingReply(report, encoder.notes(), null);
        }
    }

    private synchronized void length(int tokens) {
        try {
            out.writeInt(tokens);
        } catch (IOException e) {
            JavaProgram.endAsOrphan();
        }
    }

    private synchronized void finish(EncodingReply reply) throws IOException {
        byte[] json = Json.MAPPER.writeValueAsBytes(reply);
        out.writeInt(-1);
        out.writeInt(json.length);
        out.write(json);
        out.flush();
    }

    /** Native code cannot be interrupted: the process says which line it is and ends. */
    private void watch(LinesInHand lines, DataEncoding encoding) {
        try {
            while (true) {
                Thread.sleep(LOOK_MILLIS);
                for (LinesInHand.Late late : lines.laterThan(TimeUnit.SECONDS.toNanos(encoding.lineSeconds()))) {
                    finish(EncodingReply.of(EncodingProcess.poison(late.line(),
                            "the " + (late.work() == Work.TEMPLATE ? "chat template" : "tokenizer")
                                    + " of the model does not finish within " + encoding.lineSeconds() + " s")));
                    Runtime.getRuntime().halt(0);
                }
            }
        } catch (IOException e) {
            JavaProgram.endAsOrphan();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the file is done
        }
    }
}
