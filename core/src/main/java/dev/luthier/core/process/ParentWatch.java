package dev.luthier.core.process;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.util.Map;

/**
 * Ends this program when the one that it works for has gone, however that ended. A command that starts others says so in
 * their environment, which they hand on: what a demo's server starts ends with the demo.
 */
public final class ParentWatch {
    /** Holds the id of the process with which a program ends. */
    public static final String VARIABLE = "LUTHIER_PARENT_PID";

    /** Waits for the end of a parent or its child, whichever comes first; ends what the parent has left. */
    private static final String GUARD = """
            trap '' HUP INT TERM
            end() { for child in $(pgrep -P "$1"); do end "$child"; done; kill -9 "$1"; }
            while kill -0 "$1"; do kill -0 "$2" || exit 0; sleep 1; done
            end "$2"
            """;

    private ParentWatch() {}

    /** Has a process that is about to be started, and all that it starts, end with this one. */
    public static void tie(ProcessBuilder child) {
        child.environment().put(VARIABLE, Long.toString(ProcessHandle.current().pid()));
    }

    /**
     * Has a foreign program, which does not know of the variable, end with this one, and all that it has started. By a shell
     * that waits beside it; on Windows nothing is done.
     */
    public static void guard(Process child) throws IOException {
        if (File.separatorChar == '/') {
            new ProcessBuilder("/bin/sh", "-c", GUARD, "guard", Long.toString(ProcessHandle.current().pid()),
                    Long.toString(child.pid())).redirectInput(Redirect.from(new File("/dev/null")))
                    .redirectOutput(Redirect.DISCARD).redirectError(Redirect.DISCARD).start();
        }
    }

    /** Halts this program with its parent, if it has one: without shutdown hooks, since nothing here outlives that. */
    public static void follow() {
        follow(System.getenv(), () -> Runtime.getRuntime().halt(0));
    }

    /**
     * Does something when the parent has gone, if the environment names one.
     *
     * @param end called once, on a thread of its own
     */
    public static void follow(Map<String, String> environment, Runnable end) {
        String pid = environment.getOrDefault(VARIABLE, "");
        if (pid.matches("[1-9]\\d{0,17}")) {
            follow(Long.parseLong(pid), end);
        }
    }

    /** Halts this program when a process has gone. */
    public static void follow(long pid) {
        follow(pid, () -> Runtime.getRuntime().halt(0));
    }

    private static void follow(long pid, Runnable end) {
        Thread.ofPlatform().name("parent-watch").daemon().start(() -> {
            ProcessHandle.of(pid).ifPresent(parent -> parent.onExit().join());
            end.run();
        });
    }
}
