package dev.luthier.core.isolation;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A program of ours that runs on this Java in a process of its own and answers over its standard streams. What native
 * code does to its process (the tokenizer library aborts it where it has no other answer) then happens to that program
 * alone. It ends with the process that started it, since its input ends then. One thread at a time, but for
 * {@link #close}.
 */
public final class JavaProgram implements AutoCloseable {
    private final Process process;
    private final OutputTail errors;
    private final DataOutputStream requests;
    private final DataInputStream replies;

    private JavaProgram(Process process) {
        this.process = process;
        this.errors = new OutputTail(process.getErrorStream());
        this.requests = new DataOutputStream(new BufferedOutputStream(process.getOutputStream()));
        this.replies = new DataInputStream(new BufferedInputStream(process.getInputStream()));
    }

    /**
     * Starts a program. Where its heap does not suffice, it ends with status {@link ProgramEnd#OUT_OF_MEMORY}.
     *
     * @param main on the class path of this program
     */
    public static JavaProgram start(Class<?> main, int heapMegabytes, List<String> arguments) throws IOException {
        List<String> line = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + heapMegabytes + "m", "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError", "-Xlog:disable",
                "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"), main.getName()));
        line.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(line);
        builder.environment().put("RUST_BACKTRACE", "0"); // of the tokenizer library's last words, the first line counts
        return new JavaProgram(builder.start());
    }

    /** What the program reads. */
    public DataOutputStream requests() {
        return requests;
    }

    /** What the program writes. */
    public DataInputStream replies() {
        return replies;
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Kills the program unless the deadline is closed within the time. */
    public Deadline within(Duration limit) {
        return Deadline.kill(process, limit);
    }

    /** How the program ended, once it has closed its output; if it goes on after that, it is killed. */
    public ProgramEnd end() {
        return ProgramEnd.of(process, errors);
    }

    /** Kills the program. */
    @Override
    public void close() {
        process.destroyForcibly();
    }

    /** Within such a program: ends it at once, because its input has ended. */
    public static void endAsOrphan() {
        Runtime.getRuntime().halt(ProgramEnd.PARENT_GONE);
    }
}
