package dev.luthier.core.process;

import java.util.Map;

/**
 * Ends this program when the one that it works for has gone, however that ended. A command that starts others says so in
 * their environment, which they hand on: what a demo's server starts ends with the demo.
 */
public final class ParentWatch {
    /** Holds the id of the process with which a program ends. */
    public static final String VARIABLE = "LUTHIER_PARENT_PID";

    private ParentWatch() {}

    /** Has a process that is about to be started, and all that it starts, end with this one. */
    public static void tie(ProcessBuilder child) {
        child.environment().put(VARIABLE, Long.toString(ProcessHandle.current().pid()));
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
