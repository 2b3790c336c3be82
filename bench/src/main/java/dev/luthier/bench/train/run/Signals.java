package dev.luthier.bench.train.run;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** Stops and continues processes of Linux at once, without a program in between. */
final class Signals {
    private static final int SIGCONT = 18;
    private static final int SIGSTOP = 19;
    private static final MethodHandle KILL = Linker.nativeLinker().downcallHandle(
            Linker.nativeLinker().defaultLookup().findOrThrow("kill"),
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

    private Signals() {}

    static void stop(ProcessHandle process) {
        send(process, SIGSTOP);
    }

    static void resume(ProcessHandle process) {
        send(process, SIGCONT);
    }

    /** A process that has ended meanwhile needs none. */
    private static void send(ProcessHandle process, int signal) {
        try {
            int _ = (int) KILL.invokeExact(Math.toIntExact(process.pid()), signal);
        } catch (Throwable e) {
            throw new IllegalStateException("kill(2) cannot be called", e);
        }
    }
}
