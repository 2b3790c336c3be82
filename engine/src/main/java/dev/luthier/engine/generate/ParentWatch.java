package dev.luthier.engine.generate;

/** Ends this process when its parent has gone, however the parent ended. */
final class ParentWatch {

    private ParentWatch() {}

    /** Halts at once, without shutdown hooks: nothing here outlives the parent. */
    static void start(long parentPid) {
        Thread.ofPlatform().name("parent-watch").daemon().start(() -> {
            ProcessHandle.of(parentPid).ifPresent(parent -> parent.onExit().join());
            Runtime.getRuntime().halt(0);
        });
    }
}
